import type { IValidation } from "constructs";
import type { Lab } from "./lab";

/** Finds host ports that two services, of one lab or of two labs on the same host, would both listen on. */
export class PublishedPortsValidation implements IValidation {
  constructor(private readonly labs: readonly Lab[]) {}

  /** One message for each port that is taken twice, naming both sides and the options to change. */
  validate(): string[] {
    const taken = new Map<string, string>();
    const problems: string[] = [];
    for (const lab of this.labs) {
      for (const service of lab.services) {
        for (const { option, external, address } of service.publishedPorts) {
          const side = `${service.node.path} (${option})`;
          // An address of all interfaces collides with each single one: the port alone decides.
          const key = `${lab.host.ssh?.machine ?? lab.host.dockerHost ?? ""} ${external}`;
          const other = taken.get(key);
          if (other) {
            problems.push(
              `host port ${external} (${address}) is taken twice: by ${other} and by ${side}. ` +
                `Give one of them another port.`,
            );
          }
          taken.set(key, side);
        }
      }
    }
    return problems;
  }
}
