import Table from "cli-table3";
import type { Command } from "commander";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { LabEntry, readClass } from "../../roster/class-file";
import { StateUnreachable } from "../../stacks/lab-state";
import { checkAll } from "./check";
import { classCost } from "./class-cost";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { LabStatus, statusOf } from "./lab-status";
import { statusPage } from "./status-page";
import { costOfAll, dollars, STATUS_COLUMNS } from "./status-text";

interface StatusOptions {
  readonly html?: string;
  readonly check?: boolean;
}

/** Shows how each lab is. */
export function status(program: Command): void {
  addCommand<StatusOptions>(program, {
    usage: "status [students...]",
    description: "Show each lab's state, services, last canary, exercise, age, end and cost so far. Changes nothing.",
    options: (command) =>
      command
        .option("--html <file>", "write it as a page to open in a browser, too")
        .option("--check", "look at the exercise anew in each lab that is ready: some seconds each"),
    run: ([students], options) => show(students as string[], options),
  });
}

async function show(students: readonly string[], { html, check }: StatusOptions): Promise<CommandResult> {
  const entries = chosenStudents(readClass(), students);
  const [found, costs] = await Promise.all([looked(entries, check), costsSoFar(entries)]);
  const labs = found.map((lab) => ({ ...lab, costSoFar: costs?.get(lab.lab) }));
  const now = new Date();
  if (html) {
    writeFileSync(html, statusPage(labs, now));
  }
  return {
    // Ready or not there: as somebody left it. All else wants a look.
    exitCode: labs.every(({ state }) => state === "ready" || state === "none") ? EXIT.done : EXIT.someFailed,
    json: { at: now.toISOString(), labs, costSoFar: costOfAll(labs), currency: "USD" },
    text: [
      table(labs, now),
      ...(labs.some(({ costSoFar }) => costSoFar !== 0) ? [`So far, in all: ${dollars(costOfAll(labs))}`] : []),
      ...problems(labs),
      ...(html ? [`The page: ${resolve(html)}`] : []),
    ].join("\n"),
  };
}

async function looked(entries: readonly LabEntry[], check = false): Promise<LabStatus[]> {
  const labs = await statusOf(entries);
  if (!check) {
    return labs;
  }
  await checkAll(labs.filter(({ state }) => state === "ready").map(({ lab }) => lab));
  return statusOf(entries);
}

/** What each lab has cost; undefined where that can't be known now: the rest of the status can. */
async function costsSoFar(entries: readonly LabEntry[]): Promise<ReadonlyMap<string, number> | undefined> {
  const say = (message: string): void => console.error(message);
  try {
    const { labs } = await classCost(entries, { say, goldenImages: [] });
    return new Map(labs.map(({ lab, soFar }) => [lab, soFar]));
  } catch (error) {
    if (!(error instanceof StateUnreachable)) {
      throw error;
    }
    say(`What the labs have cost is not known: ${error.message}`);
    return undefined;
  }
}

function table(labs: readonly LabStatus[], now: Date): string {
  const rows = new Table({
    head: ["lab", ...STATUS_COLUMNS.map(({ head }) => head.toLowerCase())],
    style: { head: [], border: [] },
  });
  for (const lab of labs) {
    rows.push([lab.lab, ...STATUS_COLUMNS.map(({ text }) => text(lab, now))]);
  }
  return rows.toString();
}

function problems(labs: readonly LabStatus[]): string[] {
  return labs.flatMap(({ lab, problem, canary }) => [
    ...(problem ? [`${lab}: its host does not answer: ${problem}`] : []),
    ...(canary?.problem ? [`${lab}: ${canary.problem}`] : []),
  ]);
}
