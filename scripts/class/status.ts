import Table from "cli-table3";
import type { Command } from "commander";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readClass } from "../../roster/class-file";
import { checkAll } from "./check";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { LabStatus, statusOf } from "./lab-status";
import { statusPage } from "./status-page";
import { ageOf, canaryText, exerciseText, expiryText, servicesText, stateText } from "./status-text";

interface StatusOptions {
  readonly html?: string;
  readonly check?: boolean;
}

/** Shows how each lab is. */
export function status(program: Command): void {
  addCommand<StatusOptions>(program, {
    usage: "status [students...]",
    description: "Show each lab's state, services, last canary, exercise and age. Changes nothing.",
    options: (command) =>
      command
        .option("--html <file>", "write it as a page to open in a browser, too")
        .option("--check", "look at the exercise anew in each lab that is ready: some seconds each"),
    run: ([students], options) => show(students as string[], options),
  });
}

async function show(students: readonly string[], { html, check }: StatusOptions): Promise<CommandResult> {
  const entries = chosenStudents(readClass(), students);
  let labs = await statusOf(entries);
  if (check) {
    await checkAll(labs.filter(({ state }) => state === "ready").map(({ lab }) => lab));
    labs = await statusOf(entries);
  }
  const now = new Date();
  if (html) {
    writeFileSync(html, statusPage(labs, now));
  }
  return {
    // Ready or not there: as somebody left it. All else wants a look.
    exitCode: labs.every(({ state }) => state === "ready" || state === "none") ? EXIT.done : EXIT.someFailed,
    json: { at: now.toISOString(), labs },
    text: [table(labs, now), ...problems(labs), ...(html ? [`The page: ${resolve(html)}`] : [])].join("\n"),
  };
}

function table(labs: readonly LabStatus[], now: Date): string {
  const rows = new Table({
    head: ["lab", "state", "services", "canary", "exercise", "age", "ends"],
    style: { head: [], border: [] },
  });
  for (const lab of labs) {
    rows.push([
      lab.lab,
      stateText(lab),
      servicesText(lab),
      canaryText(lab, now),
      exerciseText(lab, now),
      ageOf(lab.since, now),
      expiryText(lab, now),
    ]);
  }
  return rows.toString();
}

function problems(labs: readonly LabStatus[]): string[] {
  return labs.flatMap(({ lab, problem, canary }) => [
    ...(problem ? [`${lab}: its host does not answer: ${problem}`] : []),
    ...(canary?.problem ? [`${lab}: ${canary.problem}`] : []),
  ]);
}
