import { BadInputError } from "./platform/checks";
import { chosenLabs } from "./roster/chosen";
import { readClass } from "./roster/class-file";
import { synthesize } from "./stacks/synthesize";

/** Reads the class and synthesizes the stacks of each of its students, or of those that LABS names. */
synthesize(chosenLabs(readClass())).catch((error: unknown) => {
  // What somebody wrote is wrong, not the program: the message says all, a stack trace would bury it.
  console.error(error instanceof BadInputError ? error.message : error);
  process.exitCode = 1;
});
