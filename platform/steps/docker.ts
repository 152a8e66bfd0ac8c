import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** What a command left behind. */
export interface Outcome {
  readonly exitCode: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs the docker command with these words on the lab's host; `input` is its standard input. */
export function docker(words: readonly string[], input?: Readable): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", words, { stdio: [input ? "pipe" : "ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    child.stdout!.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr!.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (exitCode) => {
      resolve({ exitCode: exitCode ?? 1, output: Buffer.concat(chunks).toString("utf8") });
    });
    if (input && child.stdin) {
      // A command that ends before it has read all says more by its exit code than by the broken pipe.
      child.stdin.on("error", () => undefined);
      input.pipe(child.stdin);
    }
  });
}

/** The last lines of a text, without the stack frames of Java and Python: they push out what went wrong. */
export function lastWords(text: string, count: number): string {
  const frame = /^\s+(at |\.\.\. \d+ more|File "|[~^]+$)/;
  return lastLines(
    text
      .split("\n")
      .filter((line) => !frame.test(line))
      .join("\n"),
    count,
  );
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** A step that did not succeed: its message is all that the deploy shows. */
export class StepFailed extends Error {}
