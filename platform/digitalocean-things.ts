import { askDigitalOcean } from "./steps/account";

/** A thing in a DigitalOcean account that is billed, or holds on to one that is. */
export interface CloudThing {
  readonly kind: "droplet" | "volume" | "firewall" | "reserved IP" | "snapshot";
  /** DigitalOcean's number of it; of a reserved IP the address. */
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  /** What a snapshot was made of. */
  readonly of?: string;
  /** A firewall that no droplet has. */
  readonly idle: boolean;
}

/** DigitalOcean did not tell what there is. */
export class NoAnswer extends Error {}

interface Listed {
  readonly id?: string | number;
  readonly ip?: string;
  readonly name?: string;
  readonly tags?: readonly string[] | null;
  readonly resource_id?: string | number;
  readonly droplet_ids?: readonly number[] | null;
}

const LISTS: readonly { readonly kind: CloudThing["kind"]; readonly path: string; readonly key: string }[] = [
  { kind: "droplet", path: "/v2/droplets", key: "droplets" },
  { kind: "volume", path: "/v2/volumes", key: "volumes" },
  { kind: "firewall", path: "/v2/firewalls", key: "firewalls" },
  { kind: "reserved IP", path: "/v2/reserved_ips", key: "reserved_ips" },
  { kind: "snapshot", path: "/v2/snapshots", key: "snapshots" },
];

const PAGE = 200;

/**
 * All such things in the account, whoever made them.
 *
 * @throws NoAnswer when one of the lists can't be had: then nothing is known
 */
export async function cloudThings(): Promise<CloudThing[]> {
  const all: CloudThing[] = [];
  for (const { kind, path, key } of LISTS) {
    for (let page = 1, more = true; more; page++) {
      const found = await list(`${path}?per_page=${PAGE}&page=${page}`, key);
      all.push(...found.map((thing) => cloudThing(kind, thing)));
      more = found.length === PAGE;
    }
  }
  return all;
}

async function list(path: string, key: string): Promise<readonly Listed[]> {
  const answer = await askDigitalOcean(path);
  if (!(answer instanceof Response) || !answer.ok) {
    const what = answer instanceof Response ? `${answer.status} ${answer.statusText}` : answer.message;
    throw new NoAnswer(`DigitalOcean does not answer ${path}: ${what}`);
  }
  return ((await answer.json()) as Record<string, readonly Listed[]>)[key] ?? [];
}

function cloudThing(kind: CloudThing["kind"], listed: Listed): CloudThing {
  const { id, ip, name, tags, resource_id: of, droplet_ids: droplets } = listed;
  return {
    kind,
    id: String(ip ?? id),
    name: name ?? ip ?? "",
    tags: tags ?? [],
    of: of === undefined ? undefined : String(of),
    idle: kind === "firewall" && (droplets ?? []).length === 0,
  };
}

const DOCTL: Readonly<Record<CloudThing["kind"], string>> = {
  droplet: "droplet",
  volume: "volume",
  firewall: "firewall",
  "reserved IP": "reserved-ip",
  snapshot: "snapshot",
};

/** The command that removes a thing. */
export function removeCommand({ kind, id }: CloudThing): string {
  return `doctl compute ${DOCTL[kind]} delete ${id} --force`;
}
