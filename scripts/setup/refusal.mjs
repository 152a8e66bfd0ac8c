/** The set-up can't go on: what is wrong, and what to do about it, for a person. */
export class Refusal extends Error {
  /**
   * @param {string} problem what is wrong
   * @param {string} [advice] what to do about it
   */
  constructor(problem, advice) {
    super(advice ? `${problem}\n${advice}` : problem);
    this.name = "Refusal";
  }
}

/**
 * Runs a command's main function; a refusal ends it with its text alone, without a stack trace.
 *
 * @param {() => Promise<number | void>} main gives the exit code; none is 0
 */
export async function runMain(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof Refusal) && !isDenied(error)) {
      throw error;
    }
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * The set-up writes into the repository alone, so that this is another user's clone, or a full or read-only disk.
 *
 * @param {unknown} error
 * @returns {error is NodeJS.ErrnoException}
 */
function isDenied(error) {
  const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? "";
  return ["EACCES", "EPERM", "EROFS", "ENOSPC"].includes(code);
}
