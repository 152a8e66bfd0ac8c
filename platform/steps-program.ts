import { join } from "node:path";
import { REPOSITORY } from "./repository";

/** The steps of a deploy in one file, below the repository's root. */
export const STEPS_PROGRAM = ".lab/steps.js";

/**
 * Writes the steps' program: one file of plain JavaScript. A deploy starts a dozen steps while the services' own starts
 * need the processors; from the sources each would take five times as long.
 */
export async function writeStepsProgram(): Promise<void> {
  const { bundle } = await import("../scripts/setup/bundle.mjs");
  await bundle("platform/steps/main.ts", join(REPOSITORY, STEPS_PROGRAM));
}
