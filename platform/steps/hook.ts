import { create } from "tar";
import { Readable } from "node:stream";
import { isLitter } from "../files";
import { REPOSITORY } from "../repository";
import { say } from "./context";
import { docker, lastLines, lastWords, Outcome, StepFailed, TIMED_OUT } from "./docker";

/** A command in a service's container, with files of the repository at hand. */
export interface HookStep {
  readonly name: string;
  readonly container: string;
  readonly timeoutSeconds: number;
  /** Files and folders, below the repository's root; the command finds them by the same paths. */
  readonly files: readonly string[];
  readonly command: readonly string[];
}

/** Seconds that a command's files, and the answer how it ended, may take on their way beside the command's own. */
const CARRY_SECONDS = 60;

/** The kernel's kill for want of memory, or that of `timeout` when a command did not end otherwise. */
const KILLED = 137;

/** Runs a hook. @throws StepFailed with the hook's last lines */
export async function hook(step: HookStep): Promise<void> {
  const start = Date.now();
  const outcome = await carryAndRun(step);
  const { exitCode, output } = outcome;
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (exitCode !== 0) {
    throw new StepFailed(
      `hook "${step.name}" in ${step.container} ${howItEnded(outcome, step, 30)}\n` +
        `It was: ${step.command.join(" ")}\n` +
        `The next deploy tries it again.`,
    );
  }
  say(`hook "${step.name}" done in ${seconds} s`);
  if (output.trim()) {
    say(lastLines(output, 30));
  }
}

/** Looks for a hook's result, and changes nothing. @throws StepFailed with what is gone, and what brings it back */
export async function checkHook(step: HookStep): Promise<void> {
  const outcome = await carryAndRun(step);
  if (outcome.exitCode !== 0) {
    throw new StepFailed(`what the hook "${step.name}" made is not there: its check ${howItEnded(outcome, step, 10)}`);
  }
  say(lastLines(outcome.output, 3));
}

/** How a command failed, and its last words: one that printed nothing says why, too. */
export function howItEnded(
  { exitCode, output }: Outcome,
  { timeoutSeconds }: Pick<HookStep, "timeoutSeconds">,
  lines: number,
): string {
  const how =
    exitCode === TIMED_OUT
      ? `was ended after ${timeoutSeconds} s`
      : exitCode === KILLED
        ? `was killed (${KILLED}), for want of memory or because it did not end after ${timeoutSeconds} s`
        : `ended with ${exitCode}`;
  const words = lastWords(output, lines);
  return words ? `${how}; its last lines:\n${words}` : `${how}, and printed nothing`;
}

/** Carries the step's files into a folder of its own in the container, runs the command there, takes the folder away. */
export function carryAndRun(step: Omit<HookStep, "name">): Promise<Outcome> {
  const script =
    'd=$(mktemp -d) && cd "$d" && tar -xf - && { t=$1; shift; timeout -k 5 "$t" "$@"; r=$?; cd /; rm -rf "$d"; exit $r; }';
  const words = ["exec", "-i", step.container, "sh", "-c", script, "sh", String(step.timeoutSeconds), ...step.command];
  return docker(words, { input: archive(step.files), timeoutSeconds: step.timeoutSeconds + CARRY_SECONDS });
}

/** The files as a tar, by their paths below the repository's root. */
export function archive(files: readonly string[]): Readable {
  if (files.length === 0) {
    // Two blocks of zeros: a tar with nothing in it.
    return Readable.from(Buffer.alloc(1024));
  }
  return Readable.from(create({ cwd: REPOSITORY, portable: true, filter: (path) => !isLitter(path) }, [...files]));
}
