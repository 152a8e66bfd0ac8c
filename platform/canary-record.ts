import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeIfChanged } from "./files";
import { labFolder } from "./lab-files";

/** How a lab's last canary flew. */
export interface CanaryRecord {
  /** When it was done, as ISO 8601. */
  readonly at: string;
  /** It went the whole way. */
  readonly green: boolean;
  readonly seconds: number;
  /** Why it did not: its first line. */
  readonly problem?: string;
}

/** Flies a lab's canary, and keeps how it went for `npm run class -- status`. */
export async function recordCanary(lab: string, fly: () => Promise<void>): Promise<void> {
  const began = Date.now();
  const write = (problem?: string): void => {
    const seconds = Math.round((Date.now() - began) / 100) / 10;
    const record: CanaryRecord = { at: new Date().toISOString(), green: problem === undefined, seconds, problem };
    mkdirSync(labFolder(lab), { recursive: true });
    writeIfChanged(recordFile(lab), `${JSON.stringify(record)}\n`);
  };
  try {
    await fly();
  } catch (error) {
    // A flight that was ended says nothing of the lab.
    if ((error as Error).name !== "AbortError") {
      write((error as Error).message.split("\n")[0]);
    }
    throw error;
  }
  write();
}

/** How a lab's last canary flew, if one did. */
export function lastCanary(lab: string): CanaryRecord | undefined {
  const file = recordFile(lab);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CanaryRecord) : undefined;
}

function recordFile(lab: string): string {
  return join(labFolder(lab), "canary.json");
}
