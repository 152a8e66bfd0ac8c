import { Network } from "@cdktf/provider-docker/lib/network";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { relative } from "node:path";
import { BadInputError, checkLabId } from "./checks";
import type { Hook } from "./hook";
import type { LabHost } from "./host";
import { Identity } from "./identity";
import { Images } from "./image";
import { REPOSITORY } from "./repository";
import type { Service } from "./service";
import { Step, StepProps } from "./step";

/** What makes a lab. */
export interface LabProps {
  /** The lab's id: part of the names of its containers, volumes and network. */
  readonly id: string;
  /** Where its containers run. */
  readonly host: LabHost;
  /** The lab's folder on that host, as Terraform takes it: docker-compose's files, and the student's w205/. */
  readonly folder: string;
  /**
   * The image that all of the lab's images stand on.
   * @default - see ImagesProps
   */
  readonly baseImage?: string;
  /** The file with JupyterLab's token, on this machine, as Terraform takes it. */
  readonly jupyterTokenFile: string;
  /**
   * Nothing of the lab is there: whatever it gets is made now, so that nothing can have to be made anew with another.
   * @default false
   */
  readonly isNew?: boolean;
}

/** What is on a lab's host before a deploy, as far as the deploy has to know it; see stacks/on-host.ts. */
export interface OnHost {
  /**
   * The lab's containers and networks that hold the names which the deploy needs and that its Terraform state does not
   * know, by their ids, a network's after "network:". Where there are none, those that were cleared last, so that nothing
   * changes.
   */
  readonly orphans: readonly string[];
  /**
   * The lab's network by its id, where its state does not know it but containers that are on it.
   * @default - none
   */
  readonly network?: string;
  /** Images that are there and need not be built, by name and tag. */
  readonly images: readonly string[];
}

/** The label that names the lab of a container, a network or a volume. */
export const LAB_LABEL = "org.fullstack-lab.lab";

/**
 * One lab: a network, and the services, volumes and hooks declared in it. Everything in it finds its name, its labels
 * and its host here.
 */
export class Lab extends Construct {
  readonly id: string;
  readonly host: LabHost;
  readonly folder: string;
  readonly jupyterTokenFile: string;
  readonly isNew: boolean;
  readonly network: Network;
  readonly images: Images;
  /** Done when nothing of an earlier, broken deploy is in the way. */
  readonly cleared: Step;
  /** Done when containers can be on the lab's network, by its name. */
  readonly networkThere: Step;
  /** The network by its id: one that was removed and made again is another one. */
  readonly networkIdentity: Identity;
  readonly services: Service[] = [];
  readonly hooks: Hook[] = [];

  /** @throws BadInputError when the id can't be used */
  constructor(scope: Construct, id: string, props: LabProps) {
    super(scope, id);
    checkLabId(this.node.path, props.id);
    this.id = props.id;
    this.host = props.host;
    this.folder = props.folder;
    this.jupyterTokenFile = props.jupyterTokenFile;
    this.isNew = props.isNew ?? false;
    this.images = new Images(this, "images", { baseImage: props.baseImage });
    this.cleared = new Step(this, "clear", { ...clearing([]), after: [] });
    this.network = new Network(this, "network", {
      name: this.name,
      driver: "bridge",
      labels: this.labels({ "com.docker.compose.network": "default" }),
      dependsOn: [this.cleared.resource],
    });
    this.networkIdentity = new Identity(this, "network-identity", this.network);
    this.networkThere = new Step(this, "network-there", {
      words: ["network", "--name", this.name],
      triggers: { name: this.name },
      after: [this.cleared.resource],
    });
  }

  /**
   * Has the deploy first remove containers and networks that hold the lab's names and that Terraform does not know, take
   * the network that its containers are on into Terraform's state, and build no image that is there.
   */
  takeUp({ orphans, network, images }: OnHost): void {
    this.cleared.change(clearing(orphans));
    this.images.take(images);
    if (network) {
      this.network.importFrom(network);
    }
  }

  /** The lab that a construct is in. @throws BadInputError when it is in none */
  static of(construct: Construct): Lab {
    const lab = construct.node.scopes.find((scope): scope is Lab => scope instanceof Lab);
    if (!lab) {
      throw new BadInputError(construct.node.path, "is not inside a Lab; services, volumes and hooks belong to one.");
    }
    return lab;
  }

  /** The name that prefixes all of the lab on its host; also its project's name for docker-compose. */
  get name(): string {
    return `lab-${this.id}`;
  }

  /** The student's folder on the lab's host, as Terraform takes it: mounted at /w205. */
  get studentFolder(): string {
    return `${this.folder}/w205`;
  }

  /** The labels of a thing of this lab: the lab's own, and those by which docker-compose knows its own. */
  labels(more: Readonly<Record<string, string>> = {}): { label: string; value: string }[] {
    const all = { [LAB_LABEL]: this.id, "com.docker.compose.project": this.name, ...more };
    return Object.entries(all).map(([label, value]) => ({ label, value }));
  }

  /** A path of the repository, seen from the folder in which Terraform runs this stack. */
  terraformPath(path: string): string {
    return terraformPath(this, path);
  }
}

function clearing(orphans: readonly string[]): Pick<StepProps, "words" | "triggers"> {
  return {
    words: orphans.length > 0 ? ["clear", ...orphans.flatMap((container) => ["--orphan", container])] : undefined,
    triggers: { orphans: orphans.join(" ") },
  };
}

/**
 * A path of the repository, seen from the folder in which Terraform runs a construct's stack. Relative, so that the
 * synthesized stack is the same on every machine.
 */
export function terraformPath(construct: Construct, path: string): string {
  const stack = TerraformStack.of(construct);
  const app = stack.node.root as { outdir?: string } & Construct;
  const workingDirectory = `${app.outdir ?? "cdktf.out"}/stacks/${stack.node.id}`;
  return relative(workingDirectory, `${REPOSITORY}/${path}`);
}
