import type { Lab } from "./lab";

/** A port of a host that a service of a lab listens on. */
export interface PortUser {
  /** The lab's id. */
  readonly lab: string;
  /** The service's name. */
  readonly service: string;
  /** The service's construct. */
  readonly path: string;
  /** The option that says so. */
  readonly option: string;
  /** Labs with the same one share their ports. */
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

/** A host port that two services would listen on. */
export interface PortClash {
  /** The later of the two. */
  readonly user: PortUser;
  readonly other: PortUser;
  /** What is wrong, for people; `place` says where the other one is set. */
  readonly message: (place?: string) => string;
}

/** The host ports that a lab's services listen on. */
export function portUsers({ id, host, services }: Lab): PortUser[] {
  return services.flatMap(({ serviceName, node, publishedPorts }) =>
    publishedPorts.map(({ option, external, address }) => ({
      lab: id,
      service: serviceName,
      path: node.path,
      option,
      host: host.ssh?.machine ?? host.dockerHost ?? "",
      port: external,
      address,
    })),
  );
}

/** Finds host ports that two services, of one lab or of two labs on the same host, would both listen on. */
export function portClashes(users: readonly PortUser[]): PortClash[] {
  const taken = new Map<string, PortUser>();
  const clashes: PortClash[] = [];
  for (const user of users) {
    // An address of all interfaces collides with each single one: the port alone decides.
    const key = `${user.host} ${user.port}`;
    const other = taken.get(key);
    if (other) {
      const message = (place = ""): string =>
        `host port ${user.port} (${user.address}) is taken twice: by ${show(other)}${place} and by ${show(user)}. ` +
        `Give one of them another port.`;
      clashes.push({ user, other, message });
    } else {
      taken.set(key, user);
    }
  }
  return clashes;
}

function show({ path, option }: PortUser): string {
  return `${path} (${option})`;
}
