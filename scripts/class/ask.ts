import { createInterface } from "node:readline/promises";

/** Asks a yes-or-no question at the terminal; undefined where nobody sits at one. */
export async function ask(question: string): Promise<boolean | undefined> {
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
