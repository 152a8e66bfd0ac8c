/** Labs of students whom the class file does not name any more. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { knownLogin, pinnedKey } from "../../platform/ssh-files";
import type { LabClass, LabEntry } from "../../roster/class-file";
import type { Target } from "../../roster/target";
import { wasOnDroplet } from "./leftovers";

/**
 * A former student's lab, by what its folder says of it: enough to save it and to take it away. Where the class keeps
 * states in a bucket, it is looked for there.
 *
 * @returns undefined where no lab with this id ever was on this machine
 */
export function formerLab(id: string, { name, labs }: LabClass): LabEntry | undefined {
  if (!existsSync(labFolder(id))) {
    return undefined;
  }
  const droplet = labs.map(({ target }) => target).find((target) => target?.kind === "digitalocean");
  return {
    id,
    services: {},
    target: formerTarget(id, droplet ?? { kind: "digitalocean", options: { className: name } }),
    state: labs.find(({ state }) => state)?.state,
  };
}

function formerTarget(id: string, droplet: Target): Target {
  const folder = labFolder(id);
  const login = knownLogin(folder);
  const hostKey = pinnedKey(folder);
  // A host's address is in the class file; a droplet's is only found.
  if (login?.address !== undefined && hostKey !== undefined) {
    const { user, address, port, identityFile } = login;
    return { kind: "host", user, address, port, identityFile, hostKey };
  }
  return login || wasOnDroplet(id) || existsSync(join(folder, "droplet.tfstate")) ? droplet : undefined;
}
