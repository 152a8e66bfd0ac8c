import { Construct } from "constructs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { checkInteger } from "./checks";
import { hashFolder } from "./files";
import { Lab } from "./lab";
import { oncePerApp } from "./once";
import { REPOSITORY } from "./repository";
import type { Service } from "./service";
import { Step } from "./step";
import { CARRIED } from "./steps/canary";

/** The canary of a lab. */
export interface CanaryProps {
  /** The services on the event's way: the canary flies again when one of them had to become ready again. */
  readonly services: readonly Service[];
  /** Whose volume keeps the record of its last flight. */
  readonly home: Service;
  /**
   * Seconds until a hop is ended and the deploy fails.
   * @default 90
   */
  readonly hopTimeoutSeconds?: number;
}

/**
 * The end of a deploy: one marked event goes the whole way from the game API to Presto, timed hop by hop, and is
 * cleaned up after. It flies again after a hook ran, a service became ready or a job changed, and only then.
 */
export class Canary extends Step {
  constructor(scope: Construct, id: string, props: CanaryProps) {
    const lab = Lab.of(scope);
    const timeoutSeconds = props.hopTimeoutSeconds ?? 90;
    checkInteger(`${scope.node.path}/${id}`, "hopTimeoutSeconds", timeoutSeconds, 5, 3600);
    super(scope, id, {
      words: ["canary", "--lab", lab.id, "--timeout", String(timeoutSeconds)],
      triggers: {
        content: oncePerApp(scope, "carried by the canary", carriedHash),
        ...Object.fromEntries(lab.hooks.map((hook) => [`hook-${hook.hookName}`, hook.run])),
        ...Object.fromEntries(props.services.map((service) => [service.serviceName, service.ready.run])),
      },
      after: [
        ...lab.hooks.map((hook) => hook.resource),
        ...[...props.services, props.home].map((service) => service.ready.resource),
      ],
    });
  }
}

/** A hash over what the canary carries. */
function carriedHash(): string {
  const hash = createHash("sha256");
  CARRIED.forEach((folder) => hashFolder(join(REPOSITORY, folder), hash));
  return hash.digest("hex");
}
