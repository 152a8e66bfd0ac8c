/** Golden images in the DigitalOcean account: snapshots that a class's droplets boot from, with the lab's images in them. */
import { setTimeout as sleep } from "node:timers/promises";
import { getDigitalOcean, listDigitalOcean, requestDigitalOcean } from "./steps/account";
import { StepFailed } from "./steps/docker";

/** A golden image, by what the account says of it. */
export interface GoldenImage {
  /** DigitalOcean's number of it: the `image` of a droplet. */
  readonly id: string;
  readonly name: string;
  /** What is billed, in GiB. */
  readonly gib: number;
  /** When it was made, as ISO 8601. */
  readonly since: string;
  /** The number of the droplet that it was made of. */
  readonly of: string;
}

const PREFIX = "fullstack-lab-golden";

/** The name of a class's golden image that is made now. */
export function goldenName(className: string, now = new Date()): string {
  return `${PREFIX}-${className}-${now.toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
}

/** Whether a snapshot is a golden image; of this class, where one is given. */
export function isGolden(name: string, className?: string): boolean {
  const [, ofClass] = new RegExp(`^${PREFIX}-(.+)-\\d{8}T\\d{6}Z$`).exec(name) ?? [];
  return ofClass !== undefined && (className === undefined || className === ofClass);
}

/** How the account is asked. */
export interface Asking {
  /** Gets what is waited for. */
  readonly say: (message: string) => void;
  /**
   * Ends the waiting.
   * @default - never
   */
  readonly signal?: AbortSignal;
  /**
   * Seconds between two looks at what is waited for.
   * @default 5
   */
  readonly pollSeconds?: number;
}

interface Snapshot {
  readonly id: string | number;
  readonly name: string;
  readonly created_at: string;
  readonly size_gigabytes: number;
  readonly resource_id?: string | number;
}

/** The golden images of these classes, the newest first. @throws StepFailed when the account can't be asked */
export async function goldenImages(classNames: readonly string[], say: Asking["say"]): Promise<GoldenImage[]> {
  const snapshots = await listDigitalOcean<Snapshot>("/v2/snapshots?resource_type=droplet", "snapshots", say);
  return snapshots
    .filter(({ name }) => classNames.some((className) => isGolden(name, className)))
    .map(({ id, name, created_at: since, size_gigabytes: gib, resource_id: of }) => ({
      ...{ id: String(id), name, gib, since },
      of: String(of),
    }))
    .sort((a, b) => b.since.localeCompare(a.since));
}

/** Deletes a snapshot; one that is not there is deleted already. @throws StepFailed */
export async function deleteSnapshot(id: string, say: Asking["say"]): Promise<void> {
  await requestDigitalOcean(`/v2/snapshots/${id}`, { method: "DELETE", say });
}

interface Droplet {
  readonly droplet: { readonly status: "new" | "active" | "off" | "archive" };
}

/** The state of a droplet; undefined when it is gone. @throws StepFailed */
export async function dropletStatus(id: string, { say }: Asking): Promise<Droplet["droplet"]["status"] | undefined> {
  return (await requestDigitalOcean<Droplet>(`/v2/droplets/${id}`, { say }))?.droplet.status;
}

/** Seconds that a droplet gets to shut itself down. */
const SHUTDOWN_SECONDS = 90;

/** Switches a droplet off: it is asked to shut down, and when it does not, its power is cut. @throws StepFailed */
export async function switchOff(id: string, asking: Asking): Promise<void> {
  for (const type of ["shutdown", "power_off"] as const) {
    if ((await dropletStatus(id, asking)) === "off") {
      return;
    }
    asking.say(type === "shutdown" ? "the droplet shuts down" : "it did not shut down: its power is cut");
    await requestDigitalOcean(`/v2/droplets/${id}/actions`, { method: "POST", body: { type }, say: asking.say });
    await waitUntil(SHUTDOWN_SECONDS, asking, async () => (await dropletStatus(id, asking)) === "off");
  }
  if ((await dropletStatus(id, asking)) !== "off") {
    throw new StepFailed(`the droplet ${id} can't be switched off: look at it in DigitalOcean's control panel`);
  }
}

interface Action {
  readonly id: number;
  readonly status: "in-progress" | "completed" | "errored";
}

interface Actions {
  readonly actions: readonly Action[];
}

interface Begun {
  readonly action: Action;
}

/** DigitalOcean takes some minutes for a snapshot; a large disk may take it half an hour. */
const SNAPSHOT_SECONDS = 3600;

/**
 * Makes a golden image of a droplet that is off. One that an earlier run has begun is waited for; one that it made is
 * taken.
 *
 * @throws StepFailed
 */
export async function takeSnapshot(droplet: string, className: string, asking: Asking): Promise<GoldenImage> {
  const { say } = asking;
  const path = `/v2/droplets/${droplet}/actions`;
  const made = async (): Promise<GoldenImage | undefined> =>
    (await goldenImages([className], say)).find(({ of }) => of === droplet);
  const idle = async (): Promise<readonly Action[]> => {
    let actions: readonly Action[] = [];
    const over = await waitUntil(SNAPSHOT_SECONDS, asking, async () => {
      actions = (await getDigitalOcean<Actions>(`${path}?per_page=20`, say)).actions;
      return actions.every(({ status }) => status !== "in-progress");
    });
    if (!over) {
      throw new StepFailed(`the droplet ${droplet} is still at work after ${SNAPSHOT_SECONDS} s`);
    }
    return actions;
  };
  say("DigitalOcean makes the snapshot");
  await idle();
  const earlier = await made();
  if (earlier) {
    return earlier;
  }
  const body = { type: "snapshot", name: goldenName(className) };
  // Sent twice it would be two snapshots.
  const begun = await requestDigitalOcean<Begun>(path, { method: "POST", body, say, once: true });
  const done = (await idle()).find(({ id }) => id === begun?.action.id);
  const image = done?.status === "errored" ? undefined : await made();
  if (!image) {
    throw new StepFailed("DigitalOcean failed to make the snapshot");
  }
  return image;
}

/** Looks again and again; false when the time is over. */
async function waitUntil(
  seconds: number,
  { signal, pollSeconds = 5 }: Asking,
  look: () => Promise<boolean>,
): Promise<boolean> {
  for (const deadline = Date.now() + seconds * 1000; !(await look());) {
    if (Date.now() > deadline) {
      return false;
    }
    await sleep(pollSeconds * 1000, undefined, { signal });
  }
  return true;
}
