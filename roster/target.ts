import { BadInputError, checkInteger, checkOptions, show } from "../platform/checks";
import { checkHostKey, parseSshAddress, SshAddress } from "../platform/ssh-host";
import type { DropletOptions } from "../stacks/droplet-options";

/** A machine that somebody already has, with Docker on it. */
export interface HostTarget extends SshAddress {
  readonly kind: "host";
  /** The public key that it must show. */
  readonly hostKey: string;
  /** The private key to log in with: a file on this machine. */
  readonly identityFile?: string;
  readonly folder?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** A droplet of its own, made by its own stack. */
export interface DropletTarget {
  readonly kind: "digitalocean";
  readonly options: DropletOptions;
}

/** Where a lab runs. Undefined is this machine. */
export type Target = HostTarget | DropletTarget | undefined;

const KINDS = ["local", "digitalocean", "host"] as const;
const HOST_KEYS = ["host", "hostKey", "identityFile", "folder", "uid", "gid"];

/**
 * Reads a target of the class file: `local`, `{ digitalocean: {...} }` or `{ host: ssh://user@address, hostKey: ... }`.
 *
 * @param where file and line, for messages
 * @param classWide the target of the whole class, whose droplet options a student's own come over
 * @throws BadInputError
 */
export function parseTarget(where: string, node: unknown, classWide?: Target): Target {
  if (node === undefined || node === null) {
    return classWide;
  }
  if (node === "local") {
    return undefined;
  }
  if (node === "digitalocean") {
    return parseTarget(where, { digitalocean: {} }, classWide);
  }
  if (!isMapping(node)) {
    throw new BadInputError(
      where,
      `target is ${show(node)}; allowed are local, digitalocean: {...} and host: ssh://...`,
    );
  }
  if ("host" in node) {
    return hostTarget(where, node);
  }
  checkOptions(where, node, KINDS);
  const own = node.digitalocean ?? {};
  if (!("digitalocean" in node) || !isMapping(own)) {
    throw new BadInputError(
      where,
      `target is ${show(node)}; allowed are local, digitalocean: {...} and host: ssh://...`,
    );
  }
  const shared = classWide?.kind === "digitalocean" ? classWide.options : {};
  return { kind: "digitalocean", options: { ...shared, ...own } };
}

function hostTarget(where: string, node: Readonly<Record<string, unknown>>): HostTarget {
  checkOptions(where, node, HOST_KEYS);
  for (const name of ["identityFile", "folder"]) {
    if (node[name] !== undefined && typeof node[name] !== "string") {
      throw new BadInputError(where, `${name} is ${show(node[name])}; allowed is a path.`);
    }
  }
  for (const name of ["uid", "gid"]) {
    if (node[name] !== undefined) {
      checkInteger(where, name, node[name], 1, 0xffff_fffe);
    }
  }
  return {
    kind: "host",
    ...parseSshAddress(where, node.host),
    hostKey: checkHostKey(where, node.hostKey),
    identityFile: node.identityFile as string | undefined,
    folder: node.folder as string | undefined,
    uid: node.uid as number | undefined,
    gid: node.gid as number | undefined,
  };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
