import { Outcome, docker, lastWords, StepFailed } from "../../platform/steps/docker";
import { carryAndRun } from "../../platform/steps/hook";
import { allDone, DataFacts, Facts, grade, StepReport } from "./exercise";

/** A lab's exercise as an instructor would grade it. */
export interface CheckReport {
  readonly lab: string;
  readonly done: boolean;
  readonly steps: readonly StepReport[];
}

const FILES = ["jobs/check", "jobs/hooks"];
const SECONDS = 60;

/**
 * Looks at a lab's exercise, and changes nothing: Kafka, HDFS, Hive, Presto and /w205, in some seconds. The lab's host
 * is the one that the environment names: see useHostOf.
 *
 * @throws StepFailed when the lab is not up
 */
export async function checkLab(lab: string): Promise<CheckReport> {
  const [data, hive, stream] = await Promise.all([
    look(lab, "mids", "look_at_data.py"),
    look(lab, "cloudera", "look_at_hive.py"),
    // In brackets, so that pgrep's own words are not among what it finds.
    docker(["exec", container(lab, "spark"), "pgrep", "-f", "write_swords_stream[.]py"]),
  ]);
  const facts: Facts = {
    data: factsOf<DataFacts>(lab, data),
    hive: factsOf<Exclude<Facts["hive"], { problem: string }>>(lab, hive),
    streaming: stream.exitCode === 0,
  };
  const steps = grade(facts);
  return { lab, done: allDone(steps), steps };
}

function container(lab: string, service: string): string {
  return `lab-${lab}-${service}`;
}

function look(lab: string, service: string, script: string): Promise<Outcome> {
  return carryAndRun({
    container: container(lab, service),
    timeoutSeconds: SECONDS,
    files: FILES,
    command: ["python3", `jobs/check/${script}`],
  });
}

/** What a script has printed; what it says instead where it failed. @throws StepFailed when its container is not up */
function factsOf<T>(lab: string, { exitCode, output }: Outcome): T | { problem: string } {
  const line = output.split("\n").find((text) => text.startsWith("{"));
  if (exitCode === 0 && line) {
    return JSON.parse(line) as T;
  }
  if (/No such container|is not running|Cannot connect to the Docker daemon/i.test(output)) {
    throw new StepFailed(`the lab "${lab}" is not up: ${lastWords(output, 1)}`);
  }
  return { problem: lastWords(output, 1) || `the look ended with ${exitCode}` };
}
