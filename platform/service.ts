import { Container, ContainerConfig } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { ComposeService, composeHash, composeService, WORKING_DIR_LABEL } from "./compose";
import {
  BadInputError,
  checkBindAddress,
  checkEnvironment,
  checkInteger,
  checkOptions,
  checkPublishedPort,
} from "./checks";
import { HEALTH_DEFAULTS, HealthOptions, healthCheck } from "./health";
import { Identity } from "./identity";
import type { LabImage } from "./image";
import { Lab } from "./lab";
import { Ready } from "./ready";
import { terraformName } from "./step";

/** What can be set for every service. */
export interface ServiceOptions extends HealthOptions {
  /**
   * Memory limit of the container, in MiB.
   * @default - each service's own, see its file
   */
  readonly memoryMiB?: number;
  /**
   * The most processes and threads that the container may have.
   * @default 1024
   */
  readonly pidsLimit?: number;
  /**
   * More environment variables, or other values for those that the service sets.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Keep the service's volumes when the lab is destroyed. They are then Docker's alone: Terraform does not know them.
   * @default false
   */
  readonly keepVolumes?: boolean;
  /**
   * Take the container from this image of a registry (name@sha256:...) rather than build it.
   * @default - built from images/<service>
   */
  readonly image?: string;
  /**
   * The version of the service's software: one that images/<service> has lock files for.
   * @default - the one that the image's own folder locks; the lab's output `versions` shows it
   */
  readonly version?: string;
}

const SERVICE_OPTIONS = [
  "memoryMiB",
  "pidsLimit",
  "environment",
  "keepVolumes",
  "image",
  "version",
  "healthyWithinSeconds",
  "healthIntervalSeconds",
] as const;

/** A port of a service that the host listens on. */
export interface PublishedPort {
  /** The option that asks for it, for messages. */
  readonly option: string;
  /** What answers there, for people. */
  readonly what: string;
  /** The port inside the lab's network. */
  readonly internal: number;
  /** The port on the host. */
  readonly external: number;
  /** The host's address that it is bound to, IPv4. */
  readonly address: string;
}

/** Published ports are bound here unless told. */
export const LOOPBACK = "127.0.0.1";

/** What a service's own file says of it. */
export interface ServiceDefinition {
  readonly image: LabImage;
  /** The container's memory limit where the options name none, in MiB. */
  readonly memoryMiB: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Name of each volume and where it is mounted. */
  readonly volumes?: Readonly<Record<string, string>>;
  readonly ports?: readonly PublishedPort[];
  /** Has the student's folder at /w205, and runs as its owner. */
  readonly studentFolder?: boolean;
  /** Has a terminal to attach to. */
  readonly terminal?: boolean;
  /** The container's own host name. */
  readonly hostname?: string;
  /** A file of this machine put into the container: its path here and there. */
  readonly file?: { readonly source: string; readonly target: string };
  /**
   * Services that this one needs. All containers of a deploy start side by side, each waits for what it needs by itself;
   * docker-compose brings these up first.
   */
  readonly after?: readonly Service[];
  /** Services without whose state this one can't go on: where one's container is made anew, so is this one's. */
  readonly renewedWith?: readonly Service[];
}

/** One service of the lab: its container, its volumes, and its readiness, which hooks and others wait for. */
export abstract class Service extends Construct {
  /** The name by which the other containers and docker-compose know it. */
  readonly serviceName: string;
  readonly container: Container;
  readonly volumes: Volume[] = [];
  readonly ready: Ready;
  readonly publishedPorts: readonly PublishedPort[];
  /** The container's memory limit, in MiB. */
  readonly memoryMiB: number;
  /** The service as docker-compose's file has it. */
  readonly compose: ComposeService;
  /** The versions of what runs in it, by the names that people use. */
  readonly versions: Readonly<Record<string, string>>;
  private containerIdentity?: Identity;
  /** Its volumes: the name within the service and the name on the host. */
  readonly volumeNames: Readonly<Record<string, string>>;

  /** @throws BadInputError on options that the service does not have or that can't be */
  constructor(scope: Construct, id: string, definition: ServiceDefinition, options: ServiceOptions, extra: string[]) {
    super(scope, id);
    this.serviceName = id;
    const lab = Lab.of(this);
    const where = this.node.path;
    const health = {
      healthyWithinSeconds: options.healthyWithinSeconds ?? HEALTH_DEFAULTS.healthyWithinSeconds,
      healthIntervalSeconds: options.healthIntervalSeconds ?? HEALTH_DEFAULTS.healthIntervalSeconds,
    };
    const pidsLimit = options.pidsLimit ?? 1024;
    // What it is wired to comes from the stack, as constructs: nobody sets that in a class file.
    const set = Object.fromEntries(Object.entries(options).filter(([, value]) => !Construct.isConstruct(value)));
    checkOptions(where, set, [...SERVICE_OPTIONS, ...extra]);
    checkInteger(where, "memoryMiB", definition.memoryMiB, 64, 1024 * 1024);
    checkInteger(where, "pidsLimit", pidsLimit, 16, 4_194_304);
    checkInteger(where, "healthyWithinSeconds", health.healthyWithinSeconds, 5, 3600);
    checkInteger(where, "healthIntervalSeconds", health.healthIntervalSeconds, 1, 3600);
    checkEnvironment(where, options.environment ?? {});
    this.publishedPorts = definition.ports ?? [];
    this.memoryMiB = definition.memoryMiB;
    this.versions = definition.image.versions;
    for (const port of this.publishedPorts) {
      checkPublishedPort(where, port.option, port.external);
      checkBindAddress(where, "bindAddress", port.address);
    }
    const containerName = `${lab.name}-${id}`;
    this.volumeNames = Object.fromEntries(
      Object.keys(definition.volumes ?? {}).map((name) => [name, `${containerName}-${name}`]),
    );
    if (!options.keepVolumes) {
      for (const [name, hostName] of Object.entries(this.volumeNames)) {
        const labels = lab.labels({ "com.docker.compose.volume": `${id}-${name}` });
        this.volumes.push(new Volume(this, `${name}-volume`, { name: hostName, labels }));
      }
    }
    const { uid, gid } = lab.host.owner;
    const renewals = [lab.networkIdentity, ...(definition.renewedWith ?? []).map((other) => other.identity)];
    const config = {
      name: containerName,
      image: definition.image.name,
      hostname: definition.hostname,
      env: Object.entries({ ...definition.environment, ...options.environment }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      // Whose the student's folder and the token's file are.
      user: definition.studentFolder || definition.file ? `${uid}:${gid}` : undefined,
      memory: definition.memoryMiB,
      tty: definition.terminal,
      stdinOpen: definition.terminal,
      restart: "unless-stopped",
      securityOpts: ["no-new-privileges"],
      capabilities: { drop: ["ALL"] },
      host: [{ host: "moby", ip: LOOPBACK }],
      logDriver: "json-file",
      logOpts: { "max-size": "10m", "max-file": "3" },
      healthcheck: healthCheck(health),
      ports: this.publishedPorts.map(({ internal, external, address }) => ({ internal, external, ip: address })),
      volumes: [
        ...Object.entries(definition.volumes ?? {}).map(([name, containerPath]) => ({
          volumeName: this.volumeNames[name]!,
          containerPath,
        })),
        ...(definition.studentFolder ? [{ hostPath: lab.studentFolder, containerPath: "/w205" }] : []),
      ],
    } satisfies ContainerConfig;
    this.compose = composeService({
      container: config,
      build: definition.image.build,
      pidsLimit,
      volumeKeys: Object.fromEntries(Object.entries(this.volumeNames).map(([key, name]) => [name, `${id}-${key}`])),
      studentFolder: lab.studentFolder,
      file: definition.file,
      after: (definition.after ?? []).map((service) => service.serviceName),
    });
    this.container = new Container(this, "container", {
      ...config,
      networksAdvanced: [{ name: lab.name, aliases: [id] }],
      upload: definition.file && [
        {
          source: definition.file.source,
          sourceHash: `\${filesha256("${definition.file.source}")}`,
          file: definition.file.target,
          permissions: "0444",
        },
      ],
      labels: lab.labels({
        "com.docker.compose.service": id,
        "com.docker.compose.container-number": "1",
        "com.docker.compose.oneoff": "False",
        // Tells whose the container is: another clone may have a lab of this name.
        [WORKING_DIR_LABEL]: lab.folder,
        "com.docker.compose.project.config_files": `${lab.folder}/docker-compose.yml`,
        // A changed health check or process limit would not reach a running container; a changed label makes a new one.
        "com.docker.compose.config-hash": composeHash(this.compose),
      }),
      mustRun: true,
      destroyGraceSeconds: 15,
      lifecycle: {
        // Docker fills it in, as the kernel allows.
        ignoreChanges: ["memory_swap"],
        replaceTriggeredBy: lab.isNew ? undefined : renewals.map(terraformName),
      },
      dependsOn: [
        ...(definition.image.resource ? [definition.image.resource] : []),
        ...this.volumes,
        lab.networkThere.resource,
      ],
    });
    this.ready = new Ready(this, "ready", {
      service: this,
      needs: definition.after ?? [],
      pidsLimit,
      healthyWithinSeconds: health.healthyWithinSeconds,
    });
    if (lab.services.some((service) => service.serviceName === id)) {
      throw new BadInputError(where, `the lab has a service "${id}" already.`);
    }
    lab.services.push(this);
  }

  /** The service's container by its id, for those that are made anew with it. */
  get identity(): Identity {
    return (this.containerIdentity ??= new Identity(this, "identity", this.container));
  }

  /** The name of the service's container on its host. */
  get containerName(): string {
    return `${Lab.of(this).name}-${this.serviceName}`;
  }
}
