import { Serializable, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { BadInputError } from "../platform/checks";
import type { OnHost } from "../platform/lab";
import { REPOSITORY } from "../platform/repository";
import type { DeclaredLab } from "./clashes";

/** What a process that helps with a class's synth finds when it declares its part. */
export interface PartReport {
  readonly labs: readonly DeclaredLab[];
  /** What is wrong in single labs, as BadInputError has it. */
  readonly mistakes: readonly Pick<BadInputError, "where" | "problem" | "options">[];
}

/** What it is told then: its labs, with what was found on their hosts. */
export type Part = readonly (readonly [id: string, onHost: OnHost])[];

/** Fewer labs than these are synthesized before a helper would have started. */
const LABS_WORTH_HELP = 250;

/** More would wait for the disk. */
const MOST_HELPERS = 3;

/** How many helpers are worth it for so many labs on this machine. */
export function helpersFor(labs: number, processors = availableParallelism()): number {
  return labs < LABS_WORTH_HELP ? 0 : Math.min(processors - 1, MOST_HELPERS);
}

/** Cuts a class into the part of the process that has all of it, which comes first, and those of its helpers. */
export function parts<T>(all: readonly T[], helpers: number): T[][] {
  const each = Math.floor(all.length / (helpers + 1));
  const own = all.length - helpers * each;
  return [
    all.slice(0, own),
    ...Array.from({ length: helpers }, (_, index) => all.slice(own + index * each, own + (index + 1) * each)),
  ];
}

/** A process of its own for a part of a class's synth: it declares its part, and writes it when it is told to. */
export class SynthHelper {
  private readonly child = spawn(
    process.execPath,
    [...process.execArgv, join(REPOSITORY, "scripts/run-ts.mjs"), "scripts/synth-part.ts"],
    // In a group of its own: a Ctrl-C reaches the process that it helps, with whose end it ends.
    { stdio: ["ignore", "inherit", "inherit", "ipc"], env: process.env, detached: true },
  );
  private readonly ended = once(this.child, "exit") as Promise<[code: number | null]>;
  private readonly reported = once(this.child, "message") as Promise<[PartReport]>;

  constructor() {
    // It says itself what is wrong, before it ends.
    this.child.on("error", () => undefined);
    this.ended.catch(() => undefined);
    this.reported.catch(() => undefined);
  }

  /** Has it declare these labs of the class. Done when it has been told, so that this process may be busy then. */
  declare(labs: readonly string[]): Promise<void> {
    return this.tell(labs);
  }

  /** What became of it. @throws Error when it can't say; it has said why to the user */
  async report(): Promise<PartReport> {
    const [report] = await Promise.race([this.reported, this.ended.then(() => Promise.reject(notDone()))]);
    return report;
  }

  /** Has it write its part; done when it has been told. */
  write(part: Part): Promise<void> {
    return this.tell(part);
  }

  /** Waits until its part is written. @throws Error when it is not; the helper has said why */
  async done(): Promise<void> {
    const [code] = await this.ended;
    if (code !== 0) {
      throw notDone();
    }
  }

  /** Ends it when there is nothing to do for it. */
  dismiss(): void {
    if (this.child.connected) {
      this.child.disconnect();
    }
  }

  private tell(what: Serializable): Promise<void> {
    return new Promise((resolve) => this.child.send(what, () => resolve()));
  }
}

function notDone(): Error {
  return new Error("a part of the class was not synthesized; what its process said of it is above.");
}
