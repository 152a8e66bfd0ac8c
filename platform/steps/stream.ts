import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { hostCommand } from "./docker";
import { archive, HookStep } from "./hook";

/** A command in a service's container that reads or writes more than fits into memory. */
export interface StreamStep extends Omit<HookStep, "name"> {
  /**
   * What it reads.
   * @default - nothing; its standard input stays open for as long as this process lives
   */
  readonly input?: Readable;
  /** What takes its standard output. */
  readonly output: Writable;
  /**
   * Ends it.
   * @default - never
   */
  readonly signal?: AbortSignal;
}

/** How it ended. */
export interface StreamOutcome {
  readonly exitCode: number;
  /** Its standard error. */
  readonly errors: string;
}

/**
 * As carryAndRun, with standard input and output as streams: the files come first on standard input.
 *
 * @throws AbortError when the signal came
 */
export async function carryAndStream(step: StreamStep): Promise<StreamOutcome> {
  const files = await buffer(archive(step.files));
  const script =
    'd=$(mktemp -d) && cd "$d" && head -c "$1" | tar -xf - && ' +
    '{ shift; t=$1; shift; timeout -k 5 "$t" "$@"; r=$?; cd /; rm -rf "$d"; exit $r; }';
  const words = [String(files.length), String(step.timeoutSeconds), ...step.command];
  const [program, ...args] = hostCommand(["docker", "exec", "-i", step.container, "sh", "-c", script, "sh", ...words]);
  const child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"] });
  const errors: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  // A command that ends before it has read all says more by its exit code than by the broken pipe.
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number>((resolve) => {
    child.on("error", (error) => {
      errors.push(Buffer.from(error.message));
      resolve(127);
    });
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  const abort = (): boolean => child.kill();
  step.signal?.addEventListener("abort", abort);
  child.stdin.write(files);
  step.input?.on("error", (error) => {
    errors.push(Buffer.from(error.message));
    child.kill();
  });
  step.input?.pipe(child.stdin);
  const taken = pipeline(child.stdout, step.output).catch((error: Error) => {
    // A full disk, for one: the command has nobody to write to any more.
    errors.push(Buffer.from(`\n${error.message}`));
    child.kill();
    return error;
  });
  const exitCode = await ended;
  const failed = await taken;
  child.stdin.destroy();
  step.signal?.removeEventListener("abort", abort);
  step.signal?.throwIfAborted();
  return { exitCode: failed ? exitCode || 1 : exitCode, errors: Buffer.concat(errors).toString("utf8") };
}
