import type { Command } from "commander";
import { atHostOf } from "../../platform/steps/docker";
import { readClass } from "../../roster/class-file";
import { checkLab, CheckReport } from "./check-lab";
import { recordCheck } from "./check-record";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { schedule } from "./schedule";

/** Labs that are looked at at once: each look is three short processes there. */
const PARALLEL = 4;

/** A lab that could not be looked at. */
interface NotSeen {
  readonly lab: string;
  readonly done: false;
  readonly problem: string;
}

/** Grades the exercise in labs, and changes nothing there. */
export function check(program: Command): void {
  addCommand(program, {
    usage: "check [students...]",
    description: "Look how far everybody, or these students, have come with the exercise. Changes nothing in a lab.",
    run: ([students]) => checkLabs(students as string[]),
  });
}

async function checkLabs(students: readonly string[]): Promise<CommandResult> {
  const labs = await checkAll(chosenStudents(readClass(), students).map(({ id }) => id));
  return {
    exitCode: labs.every(({ done }) => done) ? EXIT.done : EXIT.someFailed,
    json: { labs },
    text: labs.map(inWords).join("\n\n"),
  };
}

/** Looks at these labs, some at once; what was seen is kept for `status`. */
export async function checkAll(ids: readonly string[]): Promise<(CheckReport | NotSeen)[]> {
  const look = (id: string): Promise<CheckReport | NotSeen> =>
    atHostOf(id, () => checkLab(id).then(recordCheck)).catch((error: Error) => ({
      lab: id,
      done: false,
      problem: error.message,
    }));
  const endings = await schedule(ids, look, { parallel: PARALLEL });
  return endings.flatMap((ending) => (ending.status === "done" ? [ending.value] : []));
}

function inWords(report: CheckReport | NotSeen): string {
  if ("problem" in report) {
    return `${report.lab}: ${report.problem}`;
  }
  const { lab, steps } = report;
  const done = steps.filter((step) => step.done).length;
  const width = Math.max(...steps.map(({ title }) => title.length));
  return [
    `${lab}: ${done} of ${steps.length} steps done`,
    ...steps.map(({ step, title, done, seen }) =>
      `  ${done ? "done" : "-   "}  ${step.padStart(2)}  ${title.padEnd(width)}  ${seen}`.trimEnd(),
    ),
  ].join("\n");
}
