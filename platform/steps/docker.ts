import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { labFolder } from "../lab-files";
import { quoteWord } from "../shell";
import { sshAlias } from "../ssh-host";
import { HostVariables, inContext, stepContext } from "./context";

/** What a command left behind. */
export interface Outcome {
  readonly exitCode: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs the docker command with these words on the lab's host. */
export function docker(words: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return onHost(["docker", ...words], options);
}

/** Runs a command on the lab's host: by SSH where the environment names one, else on this machine. */
export function onHost(words: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return runCommand(hostCommand(words), options);
}

/** The command on this machine that runs these words on the lab's host. */
export function hostCommand(words: readonly string[]): readonly string[] {
  const { LAB_SSH_CONFIG: config, LAB_SSH_HOST: host } = stepContext().host ?? process.env;
  return config && host ? sshCommand(config, host, words) : words;
}

/** Makes the steps of this process go to a lab's host, as its deploy's do. */
export function useHostOf(lab: string): void {
  Object.assign(process.env, hostOf(lab));
}

/** Does some work whose steps go to a lab's host, while other work of this process may be at other hosts. */
export function atHostOf<T>(lab: string, work: () => Promise<T>): Promise<T> {
  return inContext({ ...stepContext(), host: hostOf(lab) }, work);
}

function hostOf(lab: string): HostVariables {
  const config = join(labFolder(lab), "ssh_config");
  return existsSync(config) ? { LAB_SSH_CONFIG: config, LAB_SSH_HOST: sshAlias(lab) } : {};
}

/** The command on this machine that runs these words on another, whose shell reads them as they are. */
export function sshCommand(config: string, host: string, words: readonly string[]): string[] {
  return ["ssh", "-F", config, "-T", "-o", "BatchMode=yes", host, words.map(quoteWord).join(" ")];
}

/** How a command on this machine is run. */
export interface CommandOptions {
  /** Its standard input. */
  readonly input?: Readable;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * After these it is ended, and its exit code is TIMED_OUT.
   * @default - never
   */
  readonly timeoutSeconds?: number;
}

/** The exit code of a command that was ended because its time was over: that of the program `timeout`, too. */
export const TIMED_OUT = 124;

/** Seconds for a command that has next to nothing to do, on a host that may be far away and busy. */
export const SHORT_SECONDS = 60;

/**
 * Runs a command on this machine. A program that is not there is an outcome too: exit code 127.
 *
 * @throws AbortError when the present steps are ended
 */
export function runCommand([program, ...words]: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const { input, env, timeoutSeconds } = options;
  const { host, signal } = stepContext();
  return new Promise((resolve, reject) => {
    const child = spawn(program!, words, {
      stdio: [input ? "pipe" : "ignore", "pipe", "pipe"],
      env: { ...process.env, ...host, ...env },
      timeout: timeoutSeconds && timeoutSeconds * 1000,
      signal,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    child.stdout!.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr!.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) =>
      error.name === "AbortError" ? reject(error) : resolve({ exitCode: 127, output: error.message }),
    );
    // Its output may be held open by another: what it started, or the SSH connection that others share with it.
    child.on("exit", () => child.killed && [child.stdout!, child.stderr!].forEach((output) => output.destroy()));
    child.on("close", (exitCode) => {
      const output = Buffer.concat(chunks).toString("utf8");
      resolve(
        child.killed
          ? { exitCode: TIMED_OUT, output: `${output}\n(${program} did not end in ${timeoutSeconds} s)` }
          : { exitCode: exitCode ?? 1, output },
      );
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
