import type { Command } from "commander";
import { pastTheirEnd } from "../../roster/chosen";
import { inspectClass, LabEntry } from "../../roster/class-file";
import { agreeToCost } from "./agree-to-cost";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { LockedLab, resultOf } from "./labs";
import { parseParallel } from "./parallel";
import { refuseUp } from "./refuse-up";
import { forgetSaved } from "./save-first";
import { terraformLabs } from "./terraform-labs";

interface UpOptions {
  readonly parallel?: number;
  readonly skipExpired?: boolean;
  readonly yes?: boolean;
}

/** Brings labs up, or mends them, or changes nothing. */
export function up(program: Command): void {
  addCommand<UpOptions>(program, {
    usage: "up [students...]",
    description:
      "Give everybody, or these students, their lab. Failed or interrupted, the same command goes on where it stopped.",
    options: (command) =>
      command
        .option(
          "--parallel <number>",
          "labs to work on at once (default: what this machine can bring up, 10 for labs on other machines)",
          parseParallel,
        )
        .option("--skip-expired", "leave out the labs whose end (expires, in the class file) is past")
        .option("--yes", "do not ask when the class may cost more than its budget"),
    run: ([students], options) => bringUp(students as string[], options),
  });
}

async function bringUp(students: readonly string[], options: UpOptions): Promise<CommandResult> {
  const inspected = inspectClass();
  const { result: wholeClass, mistakes } = inspected;
  // A class file that is wrong may lack a student only for that.
  const chosen = mistakes.length > 0 ? [...wholeClass.labs] : chosenStudents(wholeClass.labs, students);
  const past = new Set<LabEntry>(options.skipExpired ? pastTheirEnd(chosen) : []);
  const entries = chosen.filter((entry) => !past.has(entry));
  await refuseUp(inspected, entries);
  const left = past.size > 0 ? `Left out, past their end: ${[...past].map(({ id }) => id).join(", ")}` : "";
  if (entries.length === 0) {
    return { exitCode: EXIT.done, json: { labs: [] }, text: left };
  }
  await agreeToCost(wholeClass, entries, options);
  const before = ({ id }: LockedLab): Promise<void> => Promise.resolve(forgetSaved(id));
  const outcomes = await terraformLabs({ command: "up", entries, parallel: options.parallel, before });
  const result = resultOf(outcomes, "ready");
  return { ...result, text: [result.text, left].filter(Boolean).join("\n") };
}
