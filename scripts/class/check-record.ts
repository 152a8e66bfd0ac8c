import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeIfChanged } from "../../platform/files";
import { labFolder } from "../../platform/lab-files";
import type { CheckReport } from "./check-lab";

/** How far a lab's exercise was when it was last looked at. */
export interface CheckRecord {
  /** When, as ISO 8601. */
  readonly at: string;
  /** Steps done, and how many there are. */
  readonly done: number;
  readonly of: number;
}

/** Keeps a look at a lab's exercise for `status`. */
export function recordCheck(report: CheckReport): CheckReport {
  const { lab, steps } = report;
  const done = steps.filter((step) => step.done).length;
  const record: CheckRecord = { at: new Date().toISOString(), done, of: steps.length };
  writeIfChanged(recordFile(lab), `${JSON.stringify(record)}\n`);
  return report;
}

/** The last look at a lab's exercise, if there was one. */
export function lastCheck(lab: string): CheckRecord | undefined {
  const file = recordFile(lab);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CheckRecord) : undefined;
}

function recordFile(lab: string): string {
  return join(labFolder(lab), "check.json");
}
