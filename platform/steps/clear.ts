import { say } from "./context";
import { docker, SHORT_SECONDS, StepFailed } from "./docker";

/** Begins the id of a network among the orphans. */
export const NETWORK = "network:";

/**
 * Removes containers and networks that hold the lab's names and are not Terraform's. The containers' data are in
 * volumes, which stay.
 */
export async function clear(orphans: readonly string[]): Promise<void> {
  const networks = orphans.filter((id) => id.startsWith(NETWORK)).map((id) => id.slice(NETWORK.length));
  for (const id of orphans.filter((one) => !one.startsWith(NETWORK))) {
    await remove("container", ["rm", "--force", id], id);
    say(`removed the container ${id.slice(0, 12)}, which no deploy knew; its data stay in their volumes`);
  }
  // After the containers that were in them.
  for (const id of networks) {
    await remove("network", ["network", "rm", id], id);
    say(`removed the network ${id.slice(0, 12)}, which no deploy knew`);
  }
}

async function remove(what: string, words: readonly string[], id: string): Promise<void> {
  const { exitCode, output } = await docker(words, { timeoutSeconds: SHORT_SECONDS });
  if (exitCode !== 0 && !/No such (container|network)|not found/i.test(output)) {
    throw new StepFailed(`the ${what} ${id.slice(0, 12)} is in the way and could not be removed:\n${output}`);
  }
}
