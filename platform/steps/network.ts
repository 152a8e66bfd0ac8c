import { setTimeout as sleep } from "node:timers/promises";
import { docker, SHORT_SECONDS, StepFailed } from "./docker";

/** Waits until Docker has a network of this name. The docker provider says so two seconds later. */
export async function networkThere(name: string, timeoutSeconds = SHORT_SECONDS): Promise<void> {
  const end = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const { exitCode, output } = await docker(["network", "inspect", name], { timeoutSeconds: SHORT_SECONDS });
    if (exitCode === 0) {
      return;
    }
    if (Date.now() >= end) {
      throw new StepFailed(`the network ${name} was not there in ${timeoutSeconds} s; Docker says: ${output.trim()}`);
    }
    await sleep(100);
  }
}
