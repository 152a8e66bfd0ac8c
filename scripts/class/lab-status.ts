import pLimit from "p-limit";
import { CanaryRecord, lastCanary } from "../../platform/canary-record";
import {
  DockerThings,
  isNothing,
  LabContainer,
  localThings,
  NoDocker,
  remoteThings,
  thingsOf,
} from "../../platform/docker-things";
import { HEALTH_COMMAND } from "../../platform/health";
import { labHolder } from "../../platform/lab-lock";
import { atHostOf, docker } from "../../platform/steps/docker";
import type { LabEntry } from "../../roster/class-file";
import { OPTIONAL_SERVICES, SERVICE_NAMES } from "../../stacks/lab-stack";
import { CheckRecord, lastCheck } from "./check-record";
import { labPages } from "./lab-pages";

/** How a service is. */
export interface ServiceStatus {
  readonly name: string;
  /** `missing` has no container, `stopped` one that does not run. */
  readonly health: "healthy" | "unhealthy" | "starting" | "stopped" | "missing";
}

/** A lab's state in a word: `none` was not brought up or is taken away, `stopped` has its data and no container. */
export type LabState = "ready" | "starting" | "broken" | "stopped" | "none" | "unreachable";

/** How a lab is. */
export interface LabStatus {
  readonly lab: string;
  readonly state: LabState;
  /** Why it is unreachable. */
  readonly problem?: string;
  /** The command that is at work on it now. */
  readonly atWork?: string;
  readonly services: readonly ServiceStatus[];
  readonly canary?: CanaryRecord;
  /** How far the exercise was at the last `check`. */
  readonly exercise?: CheckRecord;
  /** When it was made, as ISO 8601. */
  readonly since?: string;
  /** When it ends, as ISO 8601. */
  readonly expires?: string;
  /** What its droplets have cost, in US dollars before taxes; unknown without it. */
  readonly costSoFar?: number;
  /** Its web pages by name. */
  readonly pages: Readonly<Record<string, string>>;
  /** The command that brings the pages of a lab on another machine to this one's browser. */
  readonly tunnel?: string;
}

/** Hosts that are asked at the same time. */
const MAX_CONNECTIONS = 16;

/** Looks how these labs are: Docker is asked, here or on their own hosts; nothing is changed. */
export async function statusOf(entries: readonly LabEntry[]): Promise<LabStatus[]> {
  const limit = pLimit(MAX_CONNECTIONS);
  let here: Promise<ReadonlyMap<string, DockerThings>> | undefined;
  return Promise.all(
    entries.map(async ({ id, target, expires }) => {
      const look = async (): Promise<DockerThings | undefined> =>
        target ? remoteThings(id) : thingsOf(await (here ??= localThings()), id);
      const found = await limit(async () => {
        const things = await look();
        return things && (await lookedAnew(id, things));
      }).catch((error: Error) => {
        if (!(error instanceof NoDocker)) {
          throw error;
        }
        return error;
      });
      return { ...describeLab(id, found), expires: expires?.at.toISOString() };
    }),
  );
}

/** Longer than Docker waits for a health check. */
const HEALTH_SECONDS = 15;

/**
 * What Docker has of a lab, with those of its containers asked that Docker last saw not healthy: it looks every 15 s,
 * and a deploy that is green may have ended since.
 */
async function lookedAnew(lab: string, things: DockerThings): Promise<DockerThings> {
  const containers = things.containers.map(async (container): Promise<LabContainer> => {
    if (container.state !== "running" || container.health === "healthy") {
      return container;
    }
    const words = ["exec", container.id, HEALTH_COMMAND];
    const { exitCode } = await atHostOf(lab, () => docker(words, { timeoutSeconds: HEALTH_SECONDS }));
    return exitCode === 0 ? { ...container, health: "healthy" } : container;
  });
  return { ...things, containers: await Promise.all(containers) };
}

/** How a lab is, by what a Docker engine has of it. */
export function describeLab(lab: string, found: DockerThings | NoDocker | undefined): LabStatus {
  const common = { lab, atWork: labHolder(lab)?.purpose, canary: lastCanary(lab), exercise: lastCheck(lab) };
  if (found instanceof NoDocker) {
    return { ...common, state: "unreachable", problem: found.message, services: [], pages: {} };
  }
  if (!found || isNothing(found)) {
    return { ...common, state: "none", canary: undefined, exercise: undefined, services: [], pages: {} };
  }
  const services = servicesOf(lab, found);
  const since = found.since?.toISOString();
  // The folder of a lab that was taken away still has what was seen of that one.
  const ofThisLab = <T extends { readonly at: string }>(record?: T): T | undefined =>
    record && record.at >= (since ?? "") ? record : undefined;
  const seen = { canary: ofThisLab(common.canary), exercise: ofThisLab(common.exercise) };
  return { ...common, ...seen, state: stateOf(services), services, since, ...labPages(lab) };
}

/** How a lab's services are. One that it may do without is missed where its volumes are there. */
export function servicesOf(lab: string, { containers, volumes }: DockerThings): ServiceStatus[] {
  const containerOf = (name: string): LabContainer | undefined => containers.find(({ service }) => service === name);
  const has = (name: string): boolean =>
    containerOf(name) !== undefined || volumes.some((volume) => volume.startsWith(`lab-${lab}-${name}-`));
  return [...SERVICE_NAMES, ...OPTIONAL_SERVICES.filter(has)].map((name) => ({
    name,
    health: serviceHealth(containerOf(name)),
  }));
}

function serviceHealth(container: LabContainer | undefined): ServiceStatus["health"] {
  if (!container) {
    return "missing";
  }
  return container.state === "running" ? (container.health ?? "starting") : "stopped";
}

/** A lab's state by its services'. */
export function stateOf(services: readonly ServiceStatus[]): LabState {
  const all = (...healths: ServiceStatus["health"][]): boolean =>
    services.every(({ health }) => healths.includes(health));
  if (all("healthy")) {
    return "ready";
  }
  if (all("missing", "stopped")) {
    return "stopped";
  }
  return all("healthy", "starting") ? "starting" : "broken";
}
