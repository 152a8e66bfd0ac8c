import type { Lab } from "./lab";

/** What a job's run cost, and what came out of it. */
export interface TimedJob {
  /** From the Spark session being ready to the job's end. */
  readonly seconds: number;
  /** Processor time of the container meanwhile. */
  readonly processorSeconds: number;
  /** How long the look at the rows took, behind the end. */
  readonly lookSeconds: number;
  /** Rows that were written, and a sum over them; of a console there is no sum. */
  readonly rows: readonly [number | null, string | null];
}

/** The line that bench/jobs/timed.py prints. @throws Error where there is none */
export function timedJob(output: string): TimedJob {
  const line = /^TIMED (\{.*\})$/m.exec(output)?.[1];
  if (!line) {
    throw new Error(`the job did not say how long it took:\n${output.slice(-2000)}`);
  }
  return JSON.parse(line) as TimedJob;
}

/**
 * The rows of the tables that a job shows, without what differs among events that Kafka got in the same millisecond: the
 * notes' jobs and the lab's show any of them.
 */
export function shownRows(output: string): string {
  return output
    .split("\n")
    .filter((line) => line.startsWith("|") && line.includes("purchase_sword"))
    .map((line) => line.replaceAll(/\|\s*user\d[^|]*/g, "|host"))
    .join("\n");
}

/** Remembers what each job's first run gave; every later one, in whatever way it is done, has to give the same. */
export class SameRows {
  private readonly first = new Map<string, string>();

  /** @throws Error where the rows are others, or not as many as there have to be */
  check(job: string, rows: string, count: number | null, expected: number): void {
    if (count !== null && count !== expected) {
      throw new Error(`${job}: ${count} rows came out, not ${expected}`);
    }
    const before = this.first.get(job) ?? rows;
    this.first.set(job, before);
    if (rows !== before) {
      throw new Error(`${job}: other rows came out than the first time:\n${rows}\nand before:\n${before}`);
    }
  }
}

/** Runs a job on a topic in a lab, by bench/jobs/timed.py in /tmp/bench-jobs. Each run writes into a folder of its own. */
export async function runJob(
  lab: Lab,
  options: { way: "lab" | "notes"; job: string; topic: string; events: number; folder: string; writes?: string },
): Promise<{ readonly timed: TimedJob; readonly output: string }> {
  const { way, job, topic, events, folder, writes } = options;
  const { output } = await lab.exec("spark", [
    "env",
    `EVENTS_TOPIC=${topic}`,
    "STARTING_OFFSETS=earliest",
    `PURCHASES_PATH=${folder}/purchases`,
    `SWORD_PURCHASES_PATH=${folder}/swords`,
    `SWORD_CHECKPOINT_PATH=${folder}/checkpoint`,
    ...["spark-submit", "/tmp/bench-jobs/timed.py", way, job, String(events)],
    ...(writes ? [`${folder}/${writes}`] : []),
  ]);
  return { timed: timedJob(output), output };
}
