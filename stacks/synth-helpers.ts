import { spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { OnHost } from "../platform/lab";
import { REPOSITORY } from "../platform/repository";

/** What a process that helps with a class's synth is told: the labs that are its part, with what was found of each. */
export type Part = readonly (readonly [id: string, onHost: OnHost])[];

/** Fewer labs than these are synthesized before a helper would have started. */
const LABS_WORTH_HELP = 250;

/** More would wait for the disk. */
const MOST_HELPERS = 3;

/** How many helpers are worth it for so many labs on this machine. */
export function helpersFor(labs: number, processors = availableParallelism()): number {
  return labs < LABS_WORTH_HELP ? 0 : Math.min(processors - 1, MOST_HELPERS);
}

/** What declaring a lab takes, where synthesizing and writing it takes 1 (by hand, 1,000 labs: 3.5 s and 8.5 s). */
const DECLARING = 0.4;

/**
 * Cuts a class into the part of the process that has declared all of it, which comes first, and those of its helpers,
 * who have yet to declare theirs, so that all end at the same time.
 */
export function parts<T>(all: readonly T[], helpers: number): T[][] {
  const own = Math.ceil(all.length / (1 + helpers / (1 + DECLARING)));
  const each = Math.ceil((all.length - own) / helpers);
  return [
    all.slice(0, own),
    ...Array.from({ length: helpers }, (_, index) => all.slice(own + index * each, own + (index + 1) * each)),
  ];
}

/** A process of its own for a part of a class's synth: it gets ready, and waits for its part. */
export class SynthHelper {
  private readonly child = spawn(
    process.execPath,
    [...process.execArgv, join(REPOSITORY, "scripts/run-ts.mjs"), "scripts/synth-part.ts"],
    // In a group of its own: a Ctrl-C reaches the process that it helps, whose end is the end of its input.
    { stdio: ["pipe", "inherit", "inherit"], env: process.env, detached: true },
  );
  private readonly ended = once(this.child, "exit") as Promise<[code: number | null]>;

  constructor() {
    // It says itself what is wrong, before it ends.
    this.child.stdin.on("error", () => undefined);
    this.ended.catch(() => undefined);
  }

  /** Has it begin with its part. Done when it has been told, so that this process may be busy then. */
  begin(part: Part): Promise<void> {
    return new Promise((resolve) => this.child.stdin.end(JSON.stringify(part), () => resolve()));
  }

  /** Waits until its part is written. @throws Error when it is not; the helper has said why */
  async done(): Promise<void> {
    const [code] = await this.ended;
    if (code !== 0) {
      throw new Error("a part of the class was not synthesized; what its process said of it is above.");
    }
  }

  /** Ends it when there is nothing to do for it. */
  dismiss(): void {
    this.child.stdin.end();
  }
}
