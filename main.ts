import { chosenLabs } from "./roster/chosen";
import { inspectClass } from "./roster/class-file";
import { failWith } from "./scripts/fail";
import { helpersFor } from "./stacks/synth-helpers";
import { synthesize } from "./stacks/synthesize";

/** Reads the class and synthesizes the stacks of each of its students, or of those that LABS names. */
async function main(): Promise<void> {
  const { result, mistakes } = inspectClass();
  const labs = mistakes.length > 0 ? result.labs : chosenLabs(result.labs);
  await synthesize(labs, { found: mistakes, helpers: helpersFor(labs.length) });
}

main().catch(failWith);
