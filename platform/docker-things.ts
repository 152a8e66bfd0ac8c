import { existsSync } from "node:fs";
import { join } from "node:path";
import { LAB_LABEL } from "./lab";
import { labFolder } from "./lab-files";
import { pinnedKey } from "./ssh-files";
import { sshAlias } from "./ssh-host";
import { runCommand, sshCommand } from "./steps/docker";

/** A container of a lab. */
export interface LabContainer {
  readonly id: string;
  readonly name: string;
  /** The service that it is. */
  readonly service: string;
  /** As Docker says it: running, exited, ... */
  readonly state: string;
  /** As the health check says it; undefined where it does not run. */
  readonly health?: "healthy" | "unhealthy" | "starting";
}

/** All of a lab that a Docker engine has. */
export interface DockerThings {
  readonly containers: readonly LabContainer[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /**
   * When its network was made: the lab's own age.
   * @default - there is no network
   */
  readonly since?: Date;
}

/** Docker did not answer. */
export class NoDocker extends Error {}

const NOTHING: DockerThings = { containers: [], networks: [], volumes: [] };

/**
 * What this machine's Docker has of each lab, by the lab's label.
 *
 * @throws NoDocker
 */
export async function localThings(): Promise<Map<string, DockerThings>> {
  return ask((words) => ["docker", ...words]);
}

/**
 * What the Docker of a lab's own host has of it, by the lab's SSH settings. Undefined when no host is known.
 *
 * @throws NoDocker when the host or its Docker does not answer
 */
export async function remoteThings(lab: string): Promise<DockerThings | undefined> {
  const config = join(labFolder(lab), "ssh_config");
  if (!existsSync(config) || pinnedKey(labFolder(lab)) === undefined) {
    return undefined;
  }
  const all = await ask((words) => sshCommand(config, sshAlias(lab), ["docker", ...words]));
  return all.get(lab) ?? NOTHING;
}

/** What there is of one lab among all. */
export function thingsOf(all: ReadonlyMap<string, DockerThings>, lab: string): DockerThings {
  return all.get(lab) ?? NOTHING;
}

/** Whether there is nothing of a lab. */
export function isNothing({ containers, networks, volumes }: DockerThings): boolean {
  return containers.length + networks.length + volumes.length === 0;
}

const SERVICE_LABEL = "com.docker.compose.service";
const label = (name: string): string => `{{.Label "${name}"}}`;

/** Asks a Docker engine for all labs at once. The last field of a line may hold anything. */
async function ask(command: (words: readonly string[]) => readonly string[]): Promise<Map<string, DockerThings>> {
  const list = async (words: readonly string[], fields: readonly string[]): Promise<string[][]> => {
    const all = [...words, "--filter", `label=${LAB_LABEL}`, "--format", [label(LAB_LABEL), ...fields].join("\t")];
    const { exitCode, output } = await runCommand(command(all), { timeoutSeconds: 30 });
    if (exitCode !== 0) {
      throw new NoDocker(output.trim().split("\n").at(-1) ?? "Docker did not answer");
    }
    return output
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t"));
  };
  const [containers, networks, volumes] = await Promise.all([
    list(["ps", "--all", "--no-trunc"], ["{{.ID}}", "{{.Names}}", label(SERVICE_LABEL), "{{.State}}", "{{.Status}}"]),
    list(["network", "ls"], ["{{.Name}}", "{{.CreatedAt}}"]),
    list(["volume", "ls"], ["{{.Name}}"]),
  ]);
  const labs = new Set([...containers, ...networks, ...volumes].map(([lab = ""]) => lab));
  const of = (lab: string, lines: string[][]): string[][] => lines.filter(([name]) => name === lab);
  return new Map(
    [...labs].map((lab): [string, DockerThings] => {
      const made = of(lab, networks)[0]?.[2];
      return [
        lab,
        {
          containers: of(lab, containers).map(([, id = "", name = "", service = "", state = "", status = ""]) => ({
            id,
            name,
            service,
            state,
            health: healthOf(status),
          })),
          networks: of(lab, networks).map(([, name = ""]) => name),
          volumes: of(lab, volumes).map(([, name = ""]) => name),
          since: made === undefined ? undefined : dockerTime(made),
        },
      ];
    }),
  );
}

/** `Up 3 minutes (healthy)`, `Up 2 seconds (health: starting)`, `Exited (137) 5 seconds ago`. */
export function healthOf(status: string): LabContainer["health"] {
  const [, health] = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status) ?? [];
  return health as LabContainer["health"];
}

/** `2026-11-24 10:30:01.123456789 +0000 UTC` */
export function dockerTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\S* ([+-]\d\d)/.exec(text);
  return match ? new Date(`${match[1]}T${match[2]}${match[3]}:00`) : undefined;
}
