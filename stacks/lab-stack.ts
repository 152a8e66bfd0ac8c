import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { Canary } from "../platform/canary";
import { BadInputError, checkOptions, show } from "../platform/checks";
import { SYSTEM_MIB } from "../platform/droplet-sizes";
import type { LabHost } from "../platform/host";
import { Lab, terraformPath } from "../platform/lab";
import { ComposeFiles, Prepare, providerOnHost } from "../platform/remote";
import type { StateBucket } from "../roster/state";
import providers from "../providers/versions.json";
import { Hadoop, HadoopOptions } from "../services/hadoop";
import { Home, HOME_MEMORY_MIB, HomeOptions } from "../services/home";
import { Kafka, KafkaOptions } from "../services/kafka";
import { Mids, MIDS_MEMORY_MIB, MidsOptions } from "../services/mids";
import { Presto, PRESTO_MEMORY_MIB, PrestoOptions } from "../services/presto";
import { Spark, SPARK_MEMORY_MIB, SparkOptions } from "../services/spark";
import { Superset, SUPERSET_MEMORY_MIB, SUPERSET_PORT, SupersetOptions } from "../services/superset";
import { ZooKeeper, ZooKeeperOptions } from "../services/zookeeper";
import { declareHooks } from "./lab-hooks";
import { declareBackend, TERRAFORM_WITH_LOCK_FILES } from "./lab-state";
import { LeanStack } from "./lean-stack";
import { exerciseCommands, labUrls, labVersions, linkedPages, whatNext } from "./lab-outputs";

/** What an instructor may set for each service of a lab. */
export interface ServicesOptions {
  readonly zookeeper?: ZooKeeperOptions;
  readonly kafka?: KafkaOptions;
  readonly cloudera?: HadoopOptions;
  readonly spark?: SparkOptions;
  readonly presto?: PrestoOptions;
  readonly mids?: MidsOptions;
  readonly superset?: SupersetOptions;
  readonly home?: HomeOptions;
}

/** The names of the services that every lab has, in the order in which they are declared. */
export const SERVICE_NAMES = ["zookeeper", "kafka", "cloudera", "spark", "presto", "mids", "home"] as const;

/** The names of the services that a lab may have. */
export const OPTIONAL_SERVICES = ["superset"] as const;

/** What makes the stack of one lab. */
export interface LabStackProps {
  /** Where the lab runs. */
  readonly host: LabHost;
  /**
   * Options of its services.
   * @default - each service's own
   */
  readonly services?: ServicesOptions;
  /**
   * The host's memory in MiB, where the class file tells it: whether there is room for what is optional.
   * @default - not known, so that a synth is the same on every machine
   */
  readonly hostMemoryMiB?: number;
  /**
   * The image that all of the lab's images stand on.
   * @default - the official slim Debian image by its digest
   */
  readonly baseImage?: string;
  /**
   * The bucket in which Terraform keeps the lab's state.
   * @default - it is in labs/<id>/
   */
  readonly state?: StateBucket;
  /**
   * Nothing of the lab is there: all of its containers are made at once. With the first thing that Terraform has made,
   * some may have to be made anew, and are made after what they are made anew with.
   * @default false
   */
  readonly isNew?: boolean;
}

/**
 * The release of the docker provider; the bindings would ask for 3.6.2, which waits out the whole time-out on an
 * unhealthy container and can't force a build onto a remote daemon.
 */
const DOCKER_PROVIDER_VERSION = providers["kreuzwerker/docker"];

/** What has the steps of a deploy (terraform_data), and checks their conditions. */
const TERRAFORM_VERSION = ">= 1.5.0";

/** The release of Terraform that a stack needs. */
export function terraformVersion(state?: StateBucket): string {
  return state?.lock ? TERRAFORM_WITH_LOCK_FILES : TERRAFORM_VERSION;
}

/** Ports of the pages that a lab on this machine does not publish unless told. */
const TUNNELLED_PAGES = { cloudera: { webPort: 50070 }, presto: { webPort: 8080 } } as const;

/** What the services that are declared after the decision on Superset take unless told. */
const MEMORY_MIB = {
  spark: SPARK_MEMORY_MIB,
  presto: PRESTO_MEMORY_MIB,
  mids: MIDS_MEMORY_MIB,
  home: HOME_MEMORY_MIB,
} as const;

/** The Terraform stack of one lab: six services and its front page, Superset where there is room, its hooks, its canary. */
export class LabStack extends LeanStack {
  readonly lab: Lab;

  /**
   * @param id the lab's id
   * @throws BadInputError on anything in the options that can't be
   */
  constructor(scope: Construct, id: string, props: LabStackProps) {
    super(scope, id);
    const services = props.services ?? {};
    checkOptions(id, services, [...SERVICE_NAMES, ...OPTIONAL_SERVICES]);
    const folder = terraformPath(this, `labs/${id}`);
    declareBackend(this, { id, state: props.state }, "terraform.tfstate");
    const { ssh } = props.host;
    new DockerProvider(this, "docker", { host: props.host.dockerHost, ...(ssh && providerOnHost(this, ssh)) });
    this.addOverride("terraform.required_providers.docker.version", DOCKER_PROVIDER_VERSION);
    this.addOverride("terraform.required_version", terraformVersion(props.state));

    this.lab = new Lab(this, "lab", {
      id,
      host: props.host,
      baseImage: props.baseImage,
      folder: ssh?.folder ?? `\${abspath("${folder}")}`,
      jupyterTokenFile: `${folder}/jupyter-token`,
      isNew: props.isNew,
    });
    // Nobody sits at such a host: its web pages come through an SSH tunnel, which needs them on the host's loopback.
    const pages = ssh && TUNNELLED_PAGES;
    const zookeeper = new ZooKeeper(this.lab, "zookeeper", services.zookeeper);
    const kafka = new Kafka(this.lab, "kafka", { zookeeper, ...services.kafka });
    const hadoop = new Hadoop(this.lab, "cloudera", { ...pages?.cloudera, ...services.cloudera });
    const withSuperset = this.hasSuperset(services, props.hostMemoryMiB);
    const supersetPort = withSuperset ? (services.superset?.webPort ?? SUPERSET_PORT) : undefined;
    const spark = new Spark(this.lab, "spark", { ...services.spark, hadoop, supersetPort });
    const presto = new Presto(this.lab, "presto", { hadoop, ...pages?.presto, ...services.presto });
    const mids = new Mids(this.lab, "mids", { kafka, ...services.mids });
    const superset = withSuperset
      ? new Superset(this.lab, "superset", { hadoop, presto, ...services.superset })
      : undefined;

    declareHooks(this.lab, { kafka, hadoop, mids });
    const home = new Home(this.lab, "home", {
      ...{ zookeeper, kafka, hadoop, spark, presto, mids, superset },
      exercise: exerciseCommands(),
      versions: labVersions(this.lab),
      pages: linkedPages(this.lab, spark),
      ...services.home,
    });
    new Canary(this.lab, "canary", { services: [zookeeper, kafka, hadoop, spark, presto, mids], home });

    if (ssh) {
      const prepare = new Prepare(this.lab, "prepare", { ssh, baseImage: props.baseImage });
      prepare.before(this.lab);
      new ComposeFiles(this.lab, "compose-files", { ssh, prepare });
    }

    for (const [name, value] of Object.entries({
      urls: labUrls(this.lab),
      commands: exerciseCommands(),
      versions: labVersions(this.lab),
      next: whatNext(this.lab),
    })) {
      new TerraformOutput(this, name, { value, staticId: true });
    }
  }

  /** Whether the lab has Superset: as its option says, else where the host holds it beside all of the others. */
  private hasSuperset(services: ServicesOptions, hostMemoryMiB = 0): boolean {
    const { enabled, memoryMiB = SUPERSET_MEMORY_MIB } = services.superset ?? {};
    if (enabled !== undefined && typeof enabled !== "boolean") {
      throw new BadInputError(
        `${this.lab.node.path}/superset`,
        `enabled is ${show(enabled)}; allowed is true or false.`,
      );
    }
    // Those that are declared by now, and the others: JupyterLab has to know it, and comes before it.
    const sum = Object.entries(MEMORY_MIB)
      .map(([name, own]) => services[name as keyof typeof MEMORY_MIB]?.memoryMiB ?? own)
      .concat(this.lab.services.map((service) => service.memoryMiB))
      .reduce((all, one) => all + one, SYSTEM_MIB + memoryMiB);
    return enabled ?? sum <= hostMemoryMiB;
  }
}
