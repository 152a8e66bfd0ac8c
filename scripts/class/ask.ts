import { createInterface } from "node:readline/promises";
import { CommandFailed, EXIT } from "./command";

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Asks a yes-or-no question at the terminal; undefined where nobody sits at one. */
async function ask(question: string, { input, output }: Terminal): Promise<boolean | undefined> {
  if (!input.isTTY) {
    return undefined;
  }
  const terminal = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } catch (error) {
    // Ctrl-C and Ctrl-D are an answer, too.
    if ((error as Error).name === "AbortError") {
      output.write("\n");
      return false;
    }
    throw error;
  } finally {
    terminal.close();
  }
}

/**
 * Asks whether to go on; with `yes` it is agreed to already.
 *
 * @throws CommandFailed where nobody agrees
 */
export async function agree(
  question: string,
  yes = false,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const answer = yes || (await ask(question, terminal));
  if (!answer) {
    throw new CommandFailed(
      EXIT.refused,
      answer === undefined ? "nobody is at a terminal to agree: give --yes" : "nothing was touched",
    );
  }
}
