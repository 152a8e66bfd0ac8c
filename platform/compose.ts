import type { ContainerConfig } from "@cdktf/provider-docker/lib/container";
import { createHash } from "node:crypto";
import { dump } from "js-yaml";
import type { ImageBuild } from "./image";
import type { Lab } from "./lab";

/** A service as a Compose file has it (no format number: docker-compose 1.29 and Compose v2 both read it so). */
export type ComposeService = Readonly<Record<string, unknown>>;

interface ComposeInput {
  readonly container: ContainerConfig;
  readonly build?: ImageBuild;
  readonly pidsLimit: number;
  /** The Compose file's key for each volume's name on the host. */
  readonly volumeKeys: Readonly<Record<string, string>>;
  readonly studentFolder: string;
  readonly file?: { readonly source: string; readonly target: string };
  readonly after: readonly string[];
}

/** The label by which docker-compose notes the folder of its file. */
export const WORKING_DIR_LABEL = "com.docker.compose.project.working_dir";

/** The file's own folder holds the student's folder and the token. */
const STUDENT_FOLDER = "./w205";
const TOKEN_FILE = "./jupyter-token";

/** The Compose form of a container that Terraform makes: the same settings, said once. */
export function composeService(input: ComposeInput): ComposeService {
  const { container } = input;
  const health = container.healthcheck!;
  const volumes = (container.volumes as { volumeName?: string; containerPath: string }[]).map(
    (volume) => `${volume.volumeName ? input.volumeKeys[volume.volumeName]! : STUDENT_FOLDER}:${volume.containerPath}`,
  );
  return prune({
    container_name: container.name,
    image: container.image,
    build: input.build && { context: `../../${input.build.folder}`, args: input.build.buildArgs },
    hostname: container.hostname,
    user: container.user,
    environment: container.env,
    volumes: [...volumes, ...(input.file ? [`${TOKEN_FILE}:${input.file.target}:ro`] : [])],
    ports: (container.ports as { ip: string; external: number; internal: number }[]).map(
      ({ ip, external, internal }) => `${ip}:${external}:${internal}`,
    ),
    extra_hosts: (container.host as { host: string; ip: string }[]).map(({ host, ip }) => `${host}:${ip}`),
    tty: container.tty,
    stdin_open: container.stdinOpen,
    mem_limit: `${container.memory}m`,
    pids_limit: input.pidsLimit,
    restart: container.restart,
    security_opt: container.securityOpts,
    cap_drop: container.capabilities?.drop,
    logging: { driver: container.logDriver, options: container.logOpts },
    healthcheck: {
      test: health.test,
      interval: health.interval,
      timeout: health.timeout,
      start_period: health.startPeriod,
      retries: health.retries,
    },
    depends_on: input.after,
  });
}

/** A hash of a service's Compose form. */
export function composeHash(service: ComposeService): string {
  return createHash("sha256").update(JSON.stringify(service)).digest("hex");
}

/** The lab's docker-compose.yml: the same containers, by the same names, for docker-compose's own commands. */
export function composeFile(lab: Lab): string {
  const file = {
    services: Object.fromEntries(lab.services.map((service) => [service.serviceName, onHost(lab, service.compose)])),
    networks: { default: { name: lab.name } },
    volumes: Object.fromEntries(
      lab.services.flatMap((service) =>
        Object.entries(service.volumeNames).map(([key, name]) => [`${service.serviceName}-${key}`, { name }]),
      ),
    ),
  };
  return (
    `# The lab "${lab.id}" as docker-compose knows it. Written by each synth; a change belongs in services/.\n` +
    // In a third of the time that the package yaml takes, and quoted so that docker-compose 1.29 (YAML 1.1) reads no
    // number in a text such as 1000:1000.
    dump(file, { lineWidth: -1, noRefs: true, quotingType: '"', skipInvalid: true })
  );
}

/** Another machine than this has no folder to build from, and docker-compose refuses a folder that is not there. */
function onHost(lab: Lab, service: ComposeService): ComposeService {
  return lab.host.ssh ? { ...service, build: undefined } : service;
}

/** The .env beside it: the project's name, which the containers carry as their label. */
export function composeEnvironment(lab: Lab): string {
  return `COMPOSE_PROJECT_NAME=${lab.name}\n`;
}

function prune(object: Record<string, unknown>): ComposeService {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  );
}
