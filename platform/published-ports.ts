import type { Lab } from "./lab";
import type { Service } from "./service";

/** A service that listens on a port of a host, and the option that says so. */
export interface PortUser {
  readonly service: Service;
  readonly option: string;
}

/** A host port that two services would listen on. */
export interface PortClash {
  /** The later of the two. */
  readonly user: PortUser;
  readonly other: PortUser;
  /** What is wrong, for people; `place` says where the other one is set. */
  readonly message: (place?: string) => string;
}

/** Finds host ports that two services, of one lab or of two labs on the same host, would both listen on. */
export function portClashes(labs: readonly Lab[]): PortClash[] {
  const taken = new Map<string, PortUser>();
  const clashes: PortClash[] = [];
  for (const lab of labs) {
    for (const service of lab.services) {
      for (const { option, external, address } of service.publishedPorts) {
        const user = { service, option };
        // An address of all interfaces collides with each single one: the port alone decides.
        const key = `${lab.host.ssh?.machine ?? lab.host.dockerHost ?? ""} ${external}`;
        const other = taken.get(key);
        if (other) {
          const message = (place = ""): string =>
            `host port ${external} (${address}) is taken twice: by ${show(other)}${place} and by ${show(user)}. ` +
            `Give one of them another port.`;
          clashes.push({ user, other, message });
        } else {
          taken.set(key, user);
        }
      }
    }
  }
  return clashes;
}

function show({ service, option }: PortUser): string {
  return `${service.node.path} (${option})`;
}
