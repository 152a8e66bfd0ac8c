import { Construct } from "constructs";
import type { Service } from "./service";
import { Step } from "./step";

/** Waiting for a service. */
export interface ReadyProps {
  readonly service: Service;
  /** Services that it needs to become healthy: the time runs when their containers are there, their images built. */
  readonly needs: readonly Service[];
  /** The most processes and threads that its container may have: the docker provider has no word for it. */
  readonly pidsLimit: number;
  /** Seconds until the deploy gives up. */
  readonly healthyWithinSeconds: number;
}

/**
 * The moment in a deploy at which a service has done its job for the first time. A service that does not get there
 * fails the deploy with its name, its own answer and its last log lines.
 */
export class Ready extends Step {
  constructor(scope: Construct, id: string, { service, needs, pidsLimit, healthyWithinSeconds }: ReadyProps) {
    super(scope, id, {
      words: [
        "ready",
        "--container",
        service.containerName,
        "--pids-limit",
        String(pidsLimit),
        "--timeout",
        String(healthyWithinSeconds),
      ],
      triggers: { container: service.container.id },
      runsAfterChangeOf: [service.container],
      after: [service.container, ...needs.map(({ container }) => container)],
    });
  }
}
