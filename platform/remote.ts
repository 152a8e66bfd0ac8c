import { DockerProviderConfig } from "@cdktf/provider-docker/lib/provider";
import { Lazy, TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { createHash } from "node:crypto";
import { composeEnvironment, composeFile } from "./compose";
import type { SshAccess } from "./host";
import { Lab, terraformPath } from "./lab";
import { Step, terraformName } from "./step";

/** The docker provider's settings for a host that is reached by SSH: the lab's own ssh_config, and no questions. */
export function providerOnHost(scope: Construct, ssh: SshAccess): Pick<DockerProviderConfig, "sshOpts"> {
  return { sshOpts: ["-F", terraformPath(scope, ssh.configFile), "-o", "BatchMode=yes"] };
}

/** Another host (a droplet made anew has another key) makes a step run again. The file is read by each plan. */
function hostTrigger(lab: Lab): string {
  const file = lab.terraformPath(`labs/${lab.id}/known_hosts`);
  return `\${fileexists("${file}") ? filesha256("${file}") : ""}`;
}

/** What makes a host ready for a lab. */
export interface PrepareProps {
  readonly ssh: SshAccess;
  /**
   * An image that this machine's Docker has and the host's may not be able to pull.
   * @default - none
   */
  readonly baseImage?: string;
}

/**
 * The first step of a lab on another machine: Docker answers there, the user is the one that the containers run as,
 * the student's folder is there, and so is the base image.
 */
export class Prepare extends Step {
  constructor(scope: Construct, id: string, { ssh, baseImage }: PrepareProps) {
    const lab = Lab.of(scope);
    const { uid, gid } = lab.host.owner;
    super(scope, id, {
      words: [
        "prepare",
        "--folder",
        ssh.folder,
        "--owner",
        `${uid}:${gid}`,
        ...(baseImage ? ["--image", baseImage] : []),
      ],
      triggers: { host: hostTrigger(lab), owner: `${uid}:${gid}`, folder: ssh.folder, image: baseImage ?? "" },
      after: [],
    });
  }

  /** Nothing of Docker's in a lab is touched, nor waited for, before this step is done. */
  before(lab: Lab): void {
    for (const construct of lab.node.findAll()) {
      if (
        TerraformResource.isTerraformResource(construct) &&
        (construct.terraformResourceType.startsWith("docker_") || construct === lab.networkThere.resource)
      ) {
        construct.dependsOn = [...(construct.dependsOn ?? []), terraformName(this.resource)];
      }
    }
  }
}

/** Puts docker-compose's files into the lab's folder on another machine, so that its commands work there. */
export class ComposeFiles extends Step {
  constructor(scope: Construct, id: string, { ssh, prepare }: { readonly ssh: SshAccess; readonly prepare: Prepare }) {
    const lab = Lab.of(scope);
    const token = lab.jupyterTokenFile;
    super(scope, id, {
      words: ["compose-files", "--lab", lab.id, "--folder", ssh.folder],
      triggers: {
        host: hostTrigger(lab),
        folder: ssh.folder,
        // All services have been declared when it is asked for.
        files: Lazy.stringValue({
          produce: () =>
            createHash("sha256")
              .update(composeFile(lab) + composeEnvironment(lab))
              .digest("hex"),
        }),
        token: `\${filesha256("${token}")}`,
      },
      after: [prepare.resource],
    });
  }
}
