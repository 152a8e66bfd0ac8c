import { checkInteger, refuse, show } from "../platform/checks";
import { homePath, isFile } from "../platform/files";
import { checkHostKey, parseSshAddress, SshAddress } from "../platform/ssh-host";
import type { DropletOptions } from "../stacks/droplet-options";
import type { TargetDefinition } from "./definition";

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

/**
 * Reads a target of the class file: `local`, `{ digitalocean: {...} }` or `{ host: ssh://user@address, hostKey: ... }`.
 *
 * @param where file and line, for messages
 * @param classWide the target of the whole class, whose droplet options a student's own come over
 * @throws BadInputError
 */
export function parseTarget(where: string, target: TargetDefinition | undefined, classWide?: Target): Target {
  if (target === undefined) {
    return classWide;
  }
  if (target === "local") {
    return undefined;
  }
  if (target === "digitalocean" || "digitalocean" in target) {
    const own = target === "digitalocean" ? {} : target.digitalocean;
    const shared = classWide?.kind === "digitalocean" ? classWide.options : {};
    return { kind: "digitalocean", options: { ...shared, ...own } };
  }
  for (const name of ["uid", "gid"] as const) {
    if (target[name] !== undefined) {
      checkInteger(where, name, target[name], 1, 0xffff_fffe);
    }
  }
  const { host, hostKey, ...others } = target;
  const { identityFile } = others;
  if (identityFile !== undefined && !isFile(homePath(identityFile))) {
    const allowed = `allowed is a private key's file, seen from the repository's folder, or below ~`;
    refuse(where, `there is no identityFile ${show(identityFile)}; ${allowed}.`, ["identityFile"]);
  }
  // Without a key it is refused already; what else is wrong in it is said too.
  const key = (hostKey as string | undefined) === undefined ? "" : checkHostKey(where, hostKey);
  return { kind: "host", ...parseSshAddress(where, host), hostKey: key, ...others };
}
