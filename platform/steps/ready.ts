import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./context";
import { docker, lastLines, SHORT_SECONDS, StepFailed } from "./docker";

/** Waiting for a container's service. */
export interface ReadyStep {
  readonly container: string;
  readonly pidsLimit: number;
  readonly timeoutSeconds: number;
}

/** One ask in the container takes at most so many seconds, then it is made anew: Docker may lose its answer. */
const ASK_SECONDS = 60;

/** Sets the container's process limit and waits until its service has done its job. Prints how long that took. */
export async function ready({ container, pidsLimit, timeoutSeconds }: ReadyStep): Promise<void> {
  const start = Date.now();
  const left = (): number => timeoutSeconds - (Date.now() - start) / 1000;
  let answer = "";
  while (left() > 0) {
    // Refused for the moment in which a container that keeps failing is started again.
    const limited = await docker(["update", "--pids-limit", String(pidsLimit), container], {
      timeoutSeconds: SHORT_SECONDS,
    });
    const seconds = Math.max(1, Math.min(ASK_SECONDS, Math.round(left())));
    // The loop runs inside the container: one connection, and no JVM, for all the polls.
    const healthy =
      limited.exitCode === 0
        ? await docker(["exec", container, "wait-healthy", String(seconds)], {
            timeoutSeconds: seconds + SHORT_SECONDS,
          })
        : limited;
    if (healthy.exitCode === 0) {
      say(`${container} is ready after ${((Date.now() - start) / 1000).toFixed(1)} s`);
      return;
    }
    answer = healthy.output.trim();
    await sleep(500);
  }
  const logs = await docker(["logs", "--tail", "30", container], { timeoutSeconds: SHORT_SECONDS });
  throw new StepFailed(
    `${container} did not become healthy in ${timeoutSeconds} s.\n` +
      `Its health check says: ${lastLines(answer, 3)}\n` +
      `Its last log lines:\n${logs.output}`,
  );
}
