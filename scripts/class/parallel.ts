import { availableParallelism, freemem } from "node:os";
import type { LabEntry } from "../../roster/class-file";
import { wholeNumber } from "../whole-number";

/** A lab's services need about so much memory on this machine, in bytes. */
const LAB_MEMORY = 2.5 * 1024 ** 3;

/** Labs on other machines cost this one little. */
const ELSEWHERE = 10;

/** How many labs to work on at once, unless told: as many as this machine can bring up, or ten on other machines. */
export function defaultParallel(entries: readonly LabEntry[]): number {
  return entries.some(({ target }) => target === undefined)
    ? Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / LAB_MEMORY)))
    : ELSEWHERE;
}

/** Reads `--parallel`. */
export const parseParallel = wholeNumber(1, 100);
