import { ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { REPOSITORY } from "../../../platform/repository";

/** What a command printed and how it ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

/** How a command is run. */
export interface RunOptions {
  /** Its folder. Default: the repository. */
  readonly cwd?: string;
  /** Seconds until it is ended. Default: 300. */
  readonly timeoutSeconds?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Do not throw on another exit code than 0. Default: false. */
  readonly mayFail?: boolean;
  /** What it reads. Default: nothing. */
  readonly input?: string;
}

/** Runs a shell command. @throws Error with its output when it fails or takes too long */
export async function run(command: string, options: RunOptions = {}): Promise<Outcome> {
  const child = start(command, options);
  child.process.stdin!.end(options.input ?? "");
  const outcome = await child.ended;
  if (outcome.exitCode !== 0 && !options.mayFail) {
    throw new Error(`${command}\nended with ${outcome.exitCode}:\n${outcome.output.slice(-6000)}`);
  }
  return outcome;
}

/** A command that goes on beside the test. */
export interface Running {
  readonly process: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  readonly ended: Promise<Outcome>;
  /** Ctrl-C, at its terminal where it has one, then waits for the end. */
  interrupt(): Promise<Outcome>;
}

/** Starts a shell command, in a process group of its own. */
export function start(command: string, options: RunOptions = {}): Running {
  progress(command);
  const child = spawn("bash", ["-c", command], {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  const output = (): string => plain(Buffer.concat(chunks).toString("utf8"));
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on("error", () => undefined);
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, name);
    } catch {
      // It has ended by itself.
    }
  };
  const seconds = options.timeoutSeconds ?? 300;
  const timer = setTimeout(() => {
    chunks.push(Buffer.from(`\n(ended by the test after ${seconds} s)\n`));
    signal("SIGKILL");
  }, seconds * 1000);
  const ended = new Promise<Outcome>((resolve) => {
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode: exitCode ?? 1, output: output() });
    });
  });
  return {
    process: child,
    output,
    ended,
    interrupt: async () => {
      // A terminal turns this character into the signal, also for what runs in a container.
      child.stdin.write("\u0003");
      await Promise.race([ended, atMost(command.startsWith("script ") ? 30_000 : 0)]);
      signal("SIGINT");
      await Promise.race([ended, atMost(10_000)]);
      signal("SIGKILL");
      return ended;
    },
  };
}

/** A time that does not keep the process up. */
function atMost(milliseconds: number): Promise<void> {
  return sleep(milliseconds, undefined, { ref: false });
}

/** Jest shows nothing before a file's last test has ended; who watches half an hour wants to see it move. */
function progress(command: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} $ ${command.replaceAll("\n", " ").slice(0, 160)}\n`);
}

/** The same command with a terminal of its own, as a student has one. */
export function inTerminal(command: string): string {
  return `script -qefc ${quote(`stty -echo cols 200; ${command}`)} /dev/null`;
}

/** One word for a shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Waits until a condition holds. @throws Error that names what was waited for */
export async function until(what: string, seconds: number, condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`waited ${seconds} s in vain: ${what}`);
    }
    await sleep(250);
  }
}

/** Text without a terminal's control sequences. */
function plain(text: string): string {
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|\u001b[=>]|\r/g, "");
}
