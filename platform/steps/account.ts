import { setTimeout as sleep } from "node:timers/promises";
import { DROPLET_SIZES } from "../droplet-sizes";
import { StepFailed } from "./docker";

/** What a droplet asks of a DigitalOcean account. */
export interface AccountStep {
  readonly region: string;
  readonly size: string;
  /**
   * The number of the snapshot that it boots from.
   * @default - DigitalOcean's own image
   */
  readonly image?: string;
}

interface Account {
  readonly account: { readonly droplet_limit: number; readonly status: string; readonly status_message?: string };
}

interface Droplets {
  readonly meta: { readonly total: number };
}

interface Sizes {
  readonly sizes: readonly {
    readonly slug: string;
    readonly available: boolean;
    readonly regions: readonly string[];
  }[];
}

const TRIES = 6;

/** The token by the names under which the provider looks for it. */
export function digitalOceanToken(): string | undefined {
  return process.env.DIGITALOCEAN_TOKEN || process.env.DIGITALOCEAN_ACCESS_TOKEN || undefined;
}

/** Checks what would fail the making of a droplet half-way: token, limit, region, size, image. @throws StepFailed */
export async function account({ region, size, image }: AccountStep): Promise<void> {
  if (!digitalOceanToken()) {
    throw new StepFailed(
      `There is no DigitalOcean token. Make one with read and write scope at the control panel's page API, then:\n` +
        `  export DIGITALOCEAN_TOKEN=...\nIt is read from the environment alone; no file or state keeps it.`,
    );
  }
  const { account: own } = await getDigitalOcean<Account>("/v2/account");
  if (own.status === "locked") {
    throw new StepFailed(`The DigitalOcean account is locked: ${own.status_message || "see its control panel"}`);
  }
  const { meta } = await getDigitalOcean<Droplets>("/v2/droplets?per_page=1");
  if (meta.total >= own.droplet_limit) {
    throw new StepFailed(
      `The DigitalOcean account has ${meta.total} droplets of at most ${own.droplet_limit}. ` +
        `Destroy some, or ask for a higher limit in the control panel (Settings, Droplet limit).`,
    );
  }
  const { sizes } = await getDigitalOcean<Sizes>("/v2/sizes?per_page=200");
  const found = sizes.find(({ slug }) => slug === size);
  if (!found?.available || !found.regions.includes(region)) {
    const elsewhere = found?.available ? found.regions.join(", ") : "";
    throw new StepFailed(
      `DigitalOcean does not sell the size "${size}" in the region "${region}" now. ` +
        (elsewhere ? `It sells it in ${elsewhere}.` : `It sells it nowhere: take another size.`),
    );
  }
  if (image !== undefined) {
    await checkImage({ region, size, image });
  }
  console.log(`the account has room: ${meta.total} of ${own.droplet_limit} droplets, ${size} is sold in ${region}`);
}

interface Image {
  readonly image: {
    readonly name: string;
    readonly regions: readonly string[];
    readonly min_disk_size: number;
    readonly status?: string;
  };
}

/**
 * Checks that a droplet of this size can boot from a snapshot in this region.
 *
 * @returns the snapshot's name
 * @throws StepFailed with the cure
 */
export async function checkImage(
  { region, size, image }: Required<AccountStep>,
  say: (message: string) => void = console.log,
): Promise<string> {
  const found = await requestDigitalOcean<Image>(`/v2/images/${image}`, { say });
  if (!found) {
    throw new StepFailed(
      `image is ${image}, and the DigitalOcean account has no such snapshot. ` +
        `npm run class -- golden makes one and says its number; without image, the droplet boots from Debian's.`,
    );
  }
  const { name, regions, min_disk_size: minDisk, status = "available" } = found.image;
  if (status !== "available") {
    throw new StepFailed(`image is ${image} (${name}), and DigitalOcean says it is ${status}: try again later.`);
  }
  if (!regions.includes(region)) {
    throw new StepFailed(
      `image is ${image} (${name}), which is in ${regions.join(", ") || "no region"}, and the droplet's region is ${region}. ` +
        `Carry it there: doctl compute image-action transfer ${image} --region ${region} --wait`,
    );
  }
  const disk = DROPLET_SIZES[size]?.diskGiB ?? Infinity;
  if (disk < minDisk) {
    throw new StepFailed(
      `image is ${image} (${name}), which needs a disk of ${minDisk} GiB, and the size ${size} has ${disk}. ` +
        `Take a size with a larger disk, or make a golden image from a smaller one.`,
    );
  }
  return name;
}

/**
 * Asks the API, as `requestDigitalOcean` does, for something that is there.
 *
 * @param say gets what it waits for
 * @throws StepFailed
 */
export async function getDigitalOcean<T>(path: string, say: (message: string) => void = console.log): Promise<T> {
  const answer = await requestDigitalOcean<T>(path, { say });
  if (answer === undefined) {
    throw new StepFailed(`DigitalOcean's API does not answer ${path}: 404 Not Found. Try again in some minutes.`);
  }
  return answer;
}

interface Links {
  readonly links?: { readonly pages?: { readonly next?: string } };
}

/**
 * A list of the API, all of its pages.
 *
 * @param path may have a query
 * @param key the list's name in the answers
 * @param say gets what it waits for
 * @throws StepFailed
 */
export async function listDigitalOcean<T>(path: string, key: string, say: (message: string) => void): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; ; page++) {
    const asked = `${path}${path.includes("?") ? "&" : "?"}per_page=200&page=${page}`;
    const answer = await getDigitalOcean<Links & Readonly<Record<string, readonly T[]>>>(asked, say);
    all.push(...(answer[key] ?? []));
    if (!answer.links?.pages?.next) {
      return all;
    }
  }
}

/** A request to the API. */
export interface ApiRequest {
  /** @default "GET" */
  readonly method?: "GET" | "POST" | "DELETE";
  readonly body?: object;
  /**
   * Not to be sent again when it is not known whether it was heard.
   * @default false
   */
  readonly once?: boolean;
  /**
   * Gets what is waited for.
   * @default console.log
   */
  readonly say?: (message: string) => void;
}

/**
 * Asks the API; too many requests and its own failures are tried again, later and later.
 *
 * @returns its answer; undefined where it knows no such thing
 * @throws StepFailed
 */
export async function requestDigitalOcean<T>(path: string, request: ApiRequest = {}): Promise<T | undefined> {
  const { say = console.log, once = false } = request;
  for (let attempt = 1; ; attempt++) {
    const answer = await askDigitalOcean(path, request);
    if (answer instanceof Response && answer.ok) {
      return (answer.status === 204 ? {} : await answer.json()) as T;
    }
    if (answer instanceof Response && answer.status === 404) {
      return undefined;
    }
    const what = answer instanceof Response ? `${answer.status} ${answer.statusText}` : answer.message;
    if (answer instanceof Response && (answer.status === 401 || answer.status === 403)) {
      throw new StepFailed(
        `DigitalOcean refuses the token (${what} on ${path}). Check DIGITALOCEAN_TOKEN: ` +
          `it may be mistyped, revoked, expired, or without the scopes account:read, droplet and firewall.`,
      );
    }
    const busy = answer instanceof Response && answer.status === 429;
    const again = busy || (!once && (!(answer instanceof Response) || answer.status >= 500));
    if (!again || attempt === TRIES) {
      throw new StepFailed(`DigitalOcean's API does not answer ${path}: ${what}. Try again in some minutes.`);
    }
    const seconds = Math.min(30, Number(retryAfter(answer)) || 2 ** (attempt - 1));
    say(`DigitalOcean's API says ${what}: trying again in ${seconds} s`);
    await sleep(seconds * 1000);
  }
}

function retryAfter(answer: Response | Error): string | null {
  return answer instanceof Response ? answer.headers.get("retry-after") : null;
}

/** The API's address, without a slash at its end. */
export function digitalOceanApi(): string {
  return (process.env.DIGITALOCEAN_API_URL || "https://api.digitalocean.com").replace(/\/$/, "");
}

/** One request to the API, with the environment's token. */
export async function askDigitalOcean(
  path: string,
  { method = "GET", body }: Pick<ApiRequest, "method" | "body"> = {},
): Promise<Response | Error> {
  try {
    return await fetch(`${digitalOceanApi()}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${digitalOceanToken()}`,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
  } catch (error) {
    return error as Error;
  }
}
