import { setTimeout as sleep } from "node:timers/promises";
import { StepFailed } from "./docker";

/** What a droplet asks of a DigitalOcean account. */
export interface AccountStep {
  readonly region: string;
  readonly size: string;
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

/** Checks what would fail the making of a droplet half-way: token, limit, region, size. @throws StepFailed */
export async function account({ region, size }: AccountStep): Promise<void> {
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
  console.log(`the account has room: ${meta.total} of ${own.droplet_limit} droplets, ${size} is sold in ${region}`);
}

/**
 * Asks the API; too many requests and its own failures are tried again, later and later.
 *
 * @param say gets what it waits for
 * @throws StepFailed
 */
export async function getDigitalOcean<T>(path: string, say: (message: string) => void = console.log): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const answer = await askDigitalOcean(path);
    if (answer instanceof Response && answer.ok) {
      return (await answer.json()) as T;
    }
    const what = answer instanceof Response ? `${answer.status} ${answer.statusText}` : answer.message;
    if (answer instanceof Response && (answer.status === 401 || answer.status === 403)) {
      throw new StepFailed(
        `DigitalOcean refuses the token (${what} on ${path}). Check DIGITALOCEAN_TOKEN: ` +
          `it may be mistyped, revoked, expired, or without the scopes account:read, droplet and firewall.`,
      );
    }
    const again = !(answer instanceof Response) || answer.status === 429 || answer.status >= 500;
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

/** One question to the API, with the environment's token. */
export async function askDigitalOcean(path: string): Promise<Response | Error> {
  try {
    return await fetch(`${digitalOceanApi()}${path}`, {
      headers: { authorization: `Bearer ${digitalOceanToken()}` },
      signal: AbortSignal.timeout(20_000),
    });
  } catch (error) {
    return error as Error;
  }
}
