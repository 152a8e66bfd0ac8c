/** The labs' droplets in the DigitalOcean account. */
import { sshAlias } from "../../platform/ssh-host";
import { digitalOceanToken, getDigitalOcean, listDigitalOcean } from "../../platform/steps/account";
import type { LabEntry } from "../../roster/class-file";
import { CommandFailed, EXIT } from "./command";

/** A droplet of some lab, as the account lists it. */
export interface ListedDroplet {
  readonly name: string;
  /** As ISO 8601. */
  readonly created_at: string;
  readonly size_slug: string;
  readonly tags: readonly string[];
}

/** Whether a lab has a droplet of its own, or is to get one. */
export function onDroplet({ target }: LabEntry): boolean {
  return target?.kind === "digitalocean";
}

/** The names under which labs' droplets are tagged. */
export function classNames(labs: readonly LabEntry[]): string[] {
  const names = labs.flatMap(({ target }) =>
    target?.kind === "digitalocean" ? [target.options.className ?? "class"] : [],
  );
  return [...new Set(names)];
}

/** The droplets of all labs in the account, those of other classes too. @throws StepFailed */
export function labDroplets(say: (message: string) => void): Promise<readonly ListedDroplet[]> {
  return listDigitalOcean<ListedDroplet>("/v2/droplets?tag_name=fullstack-lab", "droplets", say);
}

/**
 * Whose a thing is that has these tags, when it is of one of these classes and of no student in the class file: of
 * somebody who has left the class, or whose id is another one now. It is billed, and no command about the class's
 * students sees it.
 */
export function strayStudent(
  tags: readonly string[],
  { labs, classNames }: { readonly labs: readonly Pick<LabEntry, "id">[]; readonly classNames: readonly string[] },
): string | undefined {
  const student = tags.find((tag) => tag.startsWith("student:"))?.slice("student:".length);
  const ofClass = classNames.some((name) => tags.includes(`class:${name}`.toLowerCase()));
  return ofClass && student !== undefined && labs.every(({ id }) => id !== student) ? student : undefined;
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
  const there = new Set((await labDroplets(say)).map(({ name }) => name));
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
