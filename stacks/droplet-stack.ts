import { Droplet } from "@cdktf/provider-digitalocean/lib/droplet";
import { Firewall } from "@cdktf/provider-digitalocean/lib/firewall";
import { ProjectResources } from "@cdktf/provider-digitalocean/lib/project-resources";
import { DigitaloceanProvider } from "@cdktf/provider-digitalocean/lib/provider";
import { ReservedIp } from "@cdktf/provider-digitalocean/lib/reserved-ip";
import { ReservedIpAssignment } from "@cdktf/provider-digitalocean/lib/reserved-ip-assignment";
import { Volume } from "@cdktf/provider-digitalocean/lib/volume";
import { conditional, DataResource, Fn, propertyAccess, TerraformOutput, Token } from "cdktf";
import { Construct } from "constructs";
import { bootDocument, userData } from "../platform/cloud-init";
import { swapMiB } from "../platform/droplet-sizes";
import { terraformPath } from "../platform/lab";
import { ACCESS_FILE } from "../platform/ssh-files";
import { sshAlias } from "../platform/ssh-host";
import { stepCommand } from "../platform/step";
import type { StateBucket } from "../roster/state";
import { terraformVersion } from "./lab-stack";
import { declareBackend } from "./lab-state";
import { LeanStack } from "./lean-stack";
import { CheckedDroplet, checkDroplet, DropletOptions, isSnapshot, MemoryShare } from "./droplet-options";

/** What makes the stack of one droplet. */
export interface DropletStackProps {
  /** The id of the lab that the droplet is for. */
  readonly lab: string;
  /** The lab's services: the droplet must hold their memory limits. */
  readonly services: readonly MemoryShare[];
  /** The one-time secret by which the droplet proves its host key: 64 hexadecimal digits. */
  readonly pinSecret: string;
  /**
   * What an instructor may set.
   * @default - each option's own
   */
  readonly options?: DropletOptions;
  /**
   * The bucket in which Terraform keeps the droplet's state.
   * @default - it is in labs/<lab>/
   */
  readonly state?: StateBucket;
}

/** All that the API allows is 250 requests a minute, for all stacks together. */
const REQUESTS_PER_SECOND = 2;

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

/**
 * The Terraform stack of one droplet: the droplet, its firewall, what holds its data, and the wait until it is ready.
 * Its lab is a stack of its own, so that a plan never needs a host that is not there yet.
 */
export class DropletStack extends LeanStack {
  readonly settings: CheckedDroplet;
  readonly droplet: Droplet;

  /** @throws BadInputError on anything in the options that can't be */
  constructor(scope: Construct, id: string, props: DropletStackProps) {
    super(scope, id);
    const settings = checkDroplet(id, props.options ?? {}, props.services);
    this.settings = settings;
    declareBackend(this, { id: props.lab, state: props.state }, "droplet.tfstate");
    this.addOverride("terraform.required_version", terraformVersion(props.state));
    // The token comes from the environment: it is in no stack, plan or state.
    new DigitaloceanProvider(this, "digitalocean", {
      requestsPerSecond: REQUESTS_PER_SECOND,
      httpRetryMax: 8,
      httpRetryWaitMin: 1,
      httpRetryWaitMax: 60,
    });
    const account = this.account();
    const volume = this.volume(props.lab, account);
    const name = sshAlias(props.lab);
    const text = userData(
      id,
      bootDocument({
        lab: props.lab,
        publicKeys: settings.publicKeys,
        pinSecret: props.pinSecret,
        swapMiB: swapMiB(settings.sizeOf),
        volumeName: volume && dataVolumeName(props.lab),
      }),
    );
    this.droplet = new Droplet(this, "droplet", {
      name,
      region: settings.region,
      size: settings.size,
      image: String(settings.image),
      // Terraform reads its own templates in every string; this one has a shell's.
      userData: text.replaceAll("${", "$${").replaceAll("%{", "%%{"),
      sshKeys: settings.accountKeys.length > 0 ? [...settings.accountKeys] : undefined,
      tags: this.tags(props.lab),
      monitoring: settings.monitoring,
      backups: settings.backups,
      vpcUuid: settings.vpcId,
      volumeIds: volume && [volume.id],
      resizeDisk: false,
      dependsOn: [account],
      lifecycle: {
        // A change of any of these would make Terraform throw the droplet away, with the work on it.
        ignoreChanges: ["ssh_keys", "user_data", "image", "region", "vpc_uuid", "monitoring"],
        postcondition: [
          {
            condition: `\${self.region == "${settings.region}"}`,
            errorMessage:
              `The droplet of the lab ${props.lab} is in the region \${self.region}, and the class file says ${settings.region}. ` +
              `A droplet can't move: destroy it first (npx cdktf destroy ${props.lab} ${id}), or take the change back.`,
          },
        ],
      },
    });
    const firewall = this.firewall(name);
    const address = this.address();
    if (settings.projectId) {
      new ProjectResources(this, "project", {
        project: settings.projectId,
        resources: [this.droplet.urn, ...(volume ? [volume.urn] : [])],
      });
    }
    const wait = this.wait(props.lab, address, [firewall]);
    this.outputs(props.lab, address, wait);
  }

  /** Checks the account before anything is made. */
  private account(): DataResource {
    const { region, size, image } = this.settings;
    const words = [
      "account",
      "--region",
      region,
      "--size",
      size,
      ...(isSnapshot(image) ? ["--image", `${image}`] : []),
    ];
    return new DataResource(this, "account", {
      triggersReplace: { region, size },
      provisioners: [{ type: "local-exec", command: stepCommand(this, words) }],
    });
  }

  private volume(lab: string, account: DataResource): Volume | undefined {
    const { dataVolumeGiB, region } = this.settings;
    return dataVolumeGiB === undefined
      ? undefined
      : new Volume(this, "data", {
          name: dataVolumeName(lab),
          region,
          size: dataVolumeGiB,
          initialFilesystemType: "ext4",
          description: `The data of the lab ${lab}`,
          tags: this.tags(lab),
          dependsOn: [account],
          // Another region would be another, empty volume.
          lifecycle: { ignoreChanges: ["region", "initial_filesystem_type", "description"] },
        });
  }

  private tags(lab: string): string[] {
    const { className, expires } = this.settings;
    return [
      "fullstack-lab",
      `class:${className}`.toLowerCase(),
      `student:${lab}`,
      ...(expires ? [`expires:${expires}`] : []),
    ];
  }

  /** SSH comes in, and nothing else; all goes out. */
  private firewall(name: string): Firewall {
    return new Firewall(this, "firewall", {
      name,
      dropletIds: [this.droplet.id as unknown as number],
      inboundRule: [{ protocol: "tcp", portRange: "22", sourceAddresses: [...this.settings.sshFrom] }],
      outboundRule: [
        { protocol: "tcp", portRange: "1-65535", destinationAddresses: EVERYWHERE },
        { protocol: "udp", portRange: "1-65535", destinationAddresses: EVERYWHERE },
        { protocol: "icmp", destinationAddresses: EVERYWHERE },
      ],
    });
  }

  private address(): string {
    if (!this.settings.reservedIp) {
      return this.droplet.ipv4Address;
    }
    const reserved = new ReservedIp(this, "reserved-ip", { region: this.settings.region });
    const assignment = new ReservedIpAssignment(this, "reserved-ip-assignment", {
      ipAddress: reserved.ipAddress,
      dropletId: this.droplet.id as unknown as number,
    });
    return assignment.ipAddress;
  }

  private wait(lab: string, address: string, after: readonly Firewall[]): DataResource {
    const words = ["wait", "--lab", lab, "--timeout", String(this.settings.readyWithinMinutes * 60)];
    return new DataResource(this, "ready", {
      triggersReplace: { droplet: this.droplet.id, address },
      input: { file: terraformPath(this, `labs/${lab}/${ACCESS_FILE}`) },
      dependsOn: [...after],
      provisioners: [
        {
          type: "local-exec",
          command: `${stepCommand(this, words)} --droplet ${this.droplet.id} --address ${address}`,
        },
      ],
    });
  }

  private outputs(lab: string, address: string, wait: DataResource): void {
    // Written by the wait, so it is read after it.
    const access = Token.asString(propertyAccess(wait.output, ["file"]));
    const all = {
      address,
      ssh: `ssh -F labs/${lab}/ssh_config ${sshAlias(lab)}`,
      getting_in: conditional(Fn.fileexists(access), Fn.file(access), "not known: the droplet is not ready"),
      dollars_a_month: this.settings.sizeOf.dollarsAMonth,
    };
    for (const [name, value] of Object.entries(all)) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }
}

/** Volumes have letters, digits and dashes alone. */
function dataVolumeName(lab: string): string {
  return `${sshAlias(lab)}-data`;
}
