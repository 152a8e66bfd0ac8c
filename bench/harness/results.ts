import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeIfChanged } from "../../platform/files";
import { REPOSITORY } from "../../platform/repository";
import type { Machine, Noise } from "./machine";
import type { Row } from "./part";

/** What one run of a part gave. */
export interface PartResult {
  /** The day, as 2026-01-31. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly noise: Noise;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** The results of all parts, by their names. */
export type Results = Readonly<Record<string, PartResult>>;

/** The bench's folder: its results lie there. */
export const BENCH_FOLDER = join(REPOSITORY, "bench");

const FILE = join(BENCH_FOLDER, "results.json");

/** The results that are there, of this machine or another. */
export function readResults(): Results {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Results) : {};
}

/** A part that was run takes the place of its own old results, and of no other's. */
export function merge(old: Results, part: string, result: PartResult): Results {
  return { ...old, [part]: result };
}

/** Writes the results as JSON, with figures rounded to what they are good for. */
export function writeResults(results: Results): void {
  const rounded = (_key: string, value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(5)) : value;
  writeIfChanged(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
}
