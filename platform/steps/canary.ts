import { existsSync, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { HookSteps } from "../hook";
import { hooksFile } from "../lab-files";
import { say } from "./context";
import { docker, lastWords, SHORT_SECONDS, StepFailed } from "./docker";
import { carryAndRun, howItEnded } from "./hook";
import { runStep } from "./run";

/** One flight of the canary. */
export interface CanaryStep {
  /** The lab's id. */
  readonly lab: string;
  /** Seconds until a hop is ended. */
  readonly timeoutSeconds: number;
}

/** One hop of the event, or a cleaning up after it: a script of jobs/canary in a service's container. */
interface Hop {
  readonly name: string;
  readonly service: string;
  readonly command: readonly string[];
}

const SCRIPTS = "jobs/canary";

/** The originals, not the student's copies: an edited job must not break a deploy. */
export const CARRIED = [SCRIPTS, "jobs/hooks", "jobs/w205"];

/** The event's way. Each hop finds the marked event exactly once, or fails. */
const HOPS: readonly Hop[] = [
  { name: "game API", service: "mids", command: ["python3", `${SCRIPTS}/game_api_hop.py`] },
  { name: "Kafka", service: "mids", command: ["python3", `${SCRIPTS}/kafka_hop.py`] },
  { name: "Spark", service: "spark", command: ["spark-submit", `${SCRIPTS}/spark_hop.py`] },
  { name: "HDFS", service: "cloudera", command: ["python3", `${SCRIPTS}/hdfs_hop.py`] },
  { name: "Hive", service: "cloudera", command: ["python3", `${SCRIPTS}/hive_hop.py`] },
  { name: "Presto", service: "presto", command: ["python3", `${SCRIPTS}/presto_hop.py`] },
];

/** Take away what the event left, also after a hop failed, and what an earlier canary could not take away. */
const CLEANINGS: readonly Hop[] = [
  { name: "topic gone", service: "mids", command: ["python3", `${SCRIPTS}/clean_topics.py`] },
  { name: "table gone", service: "cloudera", command: ["python3", `${SCRIPTS}/clean_tables.py`] },
];

/**
 * Looks for the hooks' results, then lets one marked event go the whole way, and prints each hop's time.
 *
 * @throws StepFailed naming the result that is gone, or the hop that broke
 */
export async function canary({ lab, timeoutSeconds }: CanaryStep): Promise<void> {
  const id = Date.now().toString(36);
  const start = Date.now();
  const hops: FlownHop[] = [];
  const fly = async (hop: Hop): Promise<void> => {
    const container = `lab-${lab}-${hop.service}`;
    const hopStart = Date.now();
    const outcome = await carryAndRun({
      container,
      timeoutSeconds,
      files: CARRIED,
      command: [...hop.command, lab, id],
    });
    if (outcome.exitCode !== 0) {
      const how = howItEnded(outcome, { timeoutSeconds }, 20);
      throw new StepFailed(`canary: the hop "${hop.name}" in ${container} failed: it ${how}`);
    }
    const seconds = (Date.now() - hopStart) / 1000;
    hops.push({ name: hop.name, seconds });
    say(`canary: ${hop.name.padEnd(12)} ${seconds.toFixed(1).padStart(5)} s`);
  };
  const flight = async (): Promise<void> => {
    await checkResults(lab);
    try {
      for (const hop of HOPS) {
        await fly(hop);
      }
    } finally {
      await Promise.all(CLEANINGS.map(fly));
    }
  };
  let problem: string | undefined;
  try {
    await flight();
  } catch (error) {
    problem = (error as Error).message.split("\n", 1)[0];
    throw error;
  } finally {
    await note(lab, {
      green: problem === undefined,
      at: start / 1000,
      seconds: (Date.now() - start) / 1000,
      problem,
      hops,
    });
  }
  say(`canary: green in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

/** A hop that was flown, and how long it took. */
interface FlownHop {
  readonly name: string;
  readonly seconds: number;
}

/** What the front page shows of a flight; see images/home/home/records.py. */
interface FlightRecord {
  readonly green: boolean;
  /** Seconds since 1970. */
  readonly at: number;
  readonly seconds: number;
  readonly problem?: string;
  readonly hops: readonly FlownHop[];
}

/** Leaves the record with the front page. That it does not take it is said, and changes nothing about the flight. */
async function note(lab: string, record: FlightRecord): Promise<void> {
  const words = ["exec", "-i", `lab-${lab}-home`, "note-canary"];
  const input = Readable.from(JSON.stringify(record));
  const { exitCode, output } = await docker(words, { input, timeoutSeconds: SHORT_SECONDS });
  if (exitCode !== 0) {
    say(`canary: the front page did not take the record: ${lastWords(output, 1)}`);
  }
}

/** Each hook's own check: a result that is gone is named, with the command that brings it back. */
async function checkResults(lab: string): Promise<void> {
  const file = hooksFile(lab);
  if (!existsSync(file)) {
    throw new StepFailed(`canary: ${file} is missing; a synth writes it: npx cdktf synth`);
  }
  const hooks = Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, HookSteps>);
  await Promise.all(hooks.flatMap(({ check }) => (check ? [runStep(check)] : [])));
}
