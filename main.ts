import { chosenLabs } from "./roster/chosen";
import { inspectClass } from "./roster/class-file";
import { failWith } from "./scripts/fail";
import { synthesize } from "./stacks/synthesize";

/** Reads the class and synthesizes the stacks of each of its students, or of those that LABS names. */
async function main(): Promise<void> {
  const { result, mistakes } = inspectClass();
  await synthesize(mistakes.length > 0 ? result.labs : chosenLabs(result.labs), { found: mistakes });
}

main().catch(failWith);
