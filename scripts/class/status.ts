import Table from "cli-table3";
import type { Command } from "commander";
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readClass } from "../../roster/class-file";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { LabStatus, statusOf } from "./lab-status";
import { statusPage } from "./status-page";
import { ageOf, canaryText, servicesText, stateText } from "./status-text";

interface StatusOptions {
  readonly html?: string;
}

/** Shows how each lab is. */
export function status(program: Command): void {
  addCommand<StatusOptions>(program, {
    usage: "status [students...]",
    description: "Show each lab's state, services, last canary and age. Changes nothing.",
    options: (command) => command.option("--html <file>", "write it as a page to open in a browser, too"),
    run: ([students], options) => show(students as string[], options),
  });
}

async function show(students: readonly string[], { html }: StatusOptions): Promise<CommandResult> {
  const labs = await statusOf(chosenStudents(readClass(), students));
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
  const rows = new Table({ head: ["lab", "state", "services", "canary", "age"], style: { head: [], border: [] } });
  for (const lab of labs) {
    rows.push([lab.lab, stateText(lab), servicesText(lab), canaryText(lab, now), ageOf(lab.since, now)]);
  }
  return rows.toString();
}

function problems(labs: readonly LabStatus[]): string[] {
  return labs.flatMap(({ lab, problem, canary }) => [
    ...(problem ? [`${lab}: its host does not answer: ${problem}`] : []),
    ...(canary?.problem ? [`${lab}: ${canary.problem}`] : []),
  ]);
}
