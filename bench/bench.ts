/**
 * Measures, beside what a user would use instead: npm run bench [-- PART... [--runs N] [--check]]
 *
 * Without parts it runs all but those that run only by name; `--list` shows them. Each part's results go to
 * bench/RESULTS.md and bench/results.json; with `--check` nothing is written, and a ratio that is clearly worse than the
 * committed one fails the run.
 */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { nearest, show } from "../platform/checks";
import { writeIfChanged } from "../platform/files";
import { wholeNumber } from "../scripts/whole-number";
import { commit, machine, NoiseMeter, QUIET_BELOW, versions } from "./harness/machine";
import type { Bench, Part } from "./harness/part";
import { hasPicture, picture } from "./harness/picture";
import { report } from "./harness/report";
import { BENCH_FOLDER, merge, PartResult, readResults, Results, writeResults } from "./harness/results";
import { loss } from "./harness/statistics";
import { turns } from "./harness/turns";
import { PARTS } from "./parts";

interface BenchOptions {
  readonly runs?: number;
  readonly check?: boolean;
  readonly list?: boolean;
}

/** The program; words that it does not know end it with a message and exit code 1. */
function program(): Command {
  const names = PARTS.map(({ name }) => name);
  return new Command("npm run bench --")
    .description("Measures, beside what a user would use instead, and writes bench/RESULTS.md and bench/results.json.")
    .argument(
      "[parts...]",
      "the parts to run (default: all but those that run only by name)",
      (name: string, before?: string[]) => checkedPart(name, before, names),
    )
    .option("--runs <number>", "runs of each (default: the part's own)", wholeNumber(1, 100))
    .option("--check", "write nothing, and fail on a ratio that is clearly worse than the committed one")
    .option("--list", "show the parts, and run none")
    .addHelpText("after", `\nParts:\n${partsText("  ")}`)
    .action(run);
}

function partsText(indent = ""): string {
  const line = ({ name, onlyByName, about }: Part): string =>
    `${indent}${name}${onlyByName ? " (only by name)" : ""}: ${about}`;
  return PARTS.map(line).join("\n");
}

function checkedPart(name: string, before: readonly string[] = [], known: readonly string[]): string[] {
  if (!known.includes(name)) {
    const near = nearest(name, known);
    throw new InvalidArgumentError(
      `There is no part ${show(name)}.${near ? ` Did you mean "${near}"?` : ""} Allowed: ${known.join(", ")}.`,
    );
  }
  return [...before, name];
}

async function run(names: readonly string[], { runs, ...options }: BenchOptions): Promise<void> {
  if (options.list) {
    console.log(partsText());
    return;
  }
  for (const part of choose(names)) {
    const result = await measure(part, runs ?? part.runs);
    if (options.check) {
      check(part, result);
    } else {
      write(part, result);
    }
  }
}

/** The named parts, in the registry's order. */
function choose(names: readonly string[]): Part[] {
  return PARTS.filter(({ name, onlyByName }) => (names.length > 0 ? names.includes(name) : !onlyByName));
}

async function measure(part: Part, runs: number): Promise<PartResult> {
  console.log(`\n== ${part.name}: ${part.about}`);
  const meter = new NoiseMeter();
  const more: Record<string, string> = {};
  const say = (line: string): void => console.log(`${part.name}: ${line}`);
  const bench: Bench = {
    runs,
    say,
    version: (of, is) => {
      more[of] = is;
    },
    turns: (contestants) => turns(contestants, { runs, say, beforeTurn: () => meter.look() }),
  };
  await meter.look();
  const rows = await part.run(bench);
  if (meter.noise.busy > QUIET_BELOW) {
    say("the machine was not quiet; the results say so");
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: machine(),
    noise: meter.noise,
    versions: { ...versions(), ...more },
    rows,
  };
}

function write(part: Part, result: PartResult): void {
  const results: Results = merge(readResults(), part.name, result);
  writeResults(results);
  // The page is of the figures as they were kept: rounded, and rounded once more for it.
  writeIfChanged(join(BENCH_FOLDER, "RESULTS.md"), report(PARTS, readResults()));
  if (hasPicture(result.rows)) {
    writeIfChanged(join(BENCH_FOLDER, `${part.name}.svg`), picture(part.name, result.rows));
  }
  console.log(`\n${report([part], { [part.name]: result })}`);
}

/** Compares with the committed results; ratios only. */
function check(part: Part, result: PartResult): void {
  const committed = readResults()[part.name]?.rows ?? [];
  for (const row of committed) {
    const now = result.rows.find(({ id }) => id === row.id);
    const lost = now ? loss(row, now) : `${row.what}: it is no longer measured`;
    if (lost) {
      console.error(`LOST ${part.name}: ${lost}`);
      process.exitCode = 1;
    }
  }
  console.log(`\n${report([part], { [part.name]: result })}`);
}

program()
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
