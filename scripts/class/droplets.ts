/** The labs' droplets in the DigitalOcean account. */
import { sshAlias } from "../../platform/ssh-host";
import { digitalOceanToken, getDigitalOcean, listDigitalOcean } from "../../platform/steps/account";
import type { LabEntry } from "../../roster/class-file";
import { CommandFailed, EXIT } from "./command";

interface Droplet {
  readonly name: string;
  readonly created_at: string;
}

/** Whether a lab has a droplet of its own, or is to get one. */
export function onDroplet({ target }: LabEntry): boolean {
  return target?.kind === "digitalocean";
}

/** When the labs' droplets were made, as ISO 8601, by the droplets' names. @throws StepFailed */
export async function dropletTimes(say: (message: string) => void): Promise<Map<string, string>> {
  const droplets = await listDigitalOcean<Droplet>("/v2/droplets?tag_name=fullstack-lab", "droplets", say);
  return new Map(droplets.map(({ name, created_at: time }) => [name, time]));
}

interface Account {
  readonly account: { readonly droplet_limit: number; readonly status: string };
}

interface Total {
  readonly meta: { readonly total: number };
}

/** How many droplets an account has, may have, and is to get. */
export interface AccountRoom {
  readonly limit: number;
  /** All that there are, whoever made them. */
  readonly total: number;
  /** Labs that have no droplet yet. */
  readonly missing: readonly LabEntry[];
}

/**
 * Asks the account how much room it has for these labs' droplets.
 *
 * @throws CommandFailed without a token, or when the account is locked; the message has the cure
 * @throws StepFailed when it does not answer
 */
export async function accountRoom(entries: readonly LabEntry[], say: (message: string) => void): Promise<AccountRoom> {
  if (!digitalOceanToken()) {
    throw new CommandFailed(
      EXIT.badInput,
      "There is no DigitalOcean token.\nMake one at the control panel's page API, then: export DIGITALOCEAN_TOKEN=...",
    );
  }
  const { account } = await getDigitalOcean<Account>("/v2/account", say);
  if (account.status === "locked") {
    throw new CommandFailed(EXIT.fault, "The DigitalOcean account is locked.\nSee its control panel.");
  }
  const there = await dropletTimes(say);
  const { meta } = await getDigitalOcean<Total>("/v2/droplets?per_page=1", say);
  return {
    limit: account.droplet_limit,
    total: meta.total,
    missing: entries.filter((entry) => onDroplet(entry) && !there.has(sshAlias(entry.id))),
  };
}

/** Why an account can't take the droplets that are to come, and the cure; undefined when it can. */
export function noRoom({ limit, total, missing }: AccountRoom): string | undefined {
  const room = Math.max(0, limit - total);
  return missing.length > room
    ? `The class needs ${missing.length} more droplets, and the account has room for ${room} (${total} of ${limit}).\n` +
        `Ask for a higher limit in the control panel (Settings, Droplet limit), or make the class smaller.`
    : undefined;
}
