import type { ContainerHealthcheck } from "@cdktf/provider-docker/lib/container";

/** How often a service is asked to do its job, and how long it may take to become healthy. */
export interface HealthOptions {
  /**
   * Seconds from the start of the container until the deploy gives up on it.
   * @default 120
   */
  readonly healthyWithinSeconds?: number;
  /**
   * Seconds between Docker's own polls. The deploy itself asks twice a second until the service is healthy.
   * @default 15
   */
  readonly healthIntervalSeconds?: number;
}

/** The defaults of `HealthOptions`. */
export const HEALTH_DEFAULTS = { healthyWithinSeconds: 120, healthIntervalSeconds: 15 } as const;

/** Each image's own command that asks the service to do its job; 0 is healthy. */
export const HEALTH_COMMAND = "health";

/** The health check of a container; durations as Docker prints them back, or each plan would show a difference. */
export function healthCheck(options: Required<HealthOptions>): ContainerHealthcheck {
  return {
    test: ["CMD", HEALTH_COMMAND],
    interval: duration(options.healthIntervalSeconds),
    timeout: "10s",
    startPeriod: duration(options.healthyWithinSeconds),
    startInterval: "0s",
    retries: 4,
  };
}

/** Seconds as Go prints a duration: 75 is "1m15s". */
export function duration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${seconds % 60}s`;
  return hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest;
}
