import { createInterface } from "node:readline/promises";
import { CommandFailed, EXIT } from "./command";

/** Asks a yes-or-no question at the terminal; undefined where nobody sits at one. */
async function ask(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) {
    return undefined;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

/**
 * Asks whether to go on; with `yes` it is agreed to already.
 *
 * @throws CommandFailed where nobody agrees
 */
export async function agree(question: string, yes = false): Promise<void> {
  const answer = yes || (await ask(question));
  if (!answer) {
    throw new CommandFailed(
      EXIT.refused,
      answer === undefined ? "nobody is at a terminal to agree: give --yes" : "nothing was touched",
    );
  }
}
