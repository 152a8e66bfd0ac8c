import type { Command } from "commander";
import { readClassFile } from "../../roster/class-file";
import { agreeToCost } from "./agree-to-cost";
import { addCommand, chosenStudents, CommandResult } from "./command";
import { LockedLab, resultOf } from "./labs";
import { parseParallel } from "./parallel";
import { forgetSaved } from "./save-first";
import { terraformLabs } from "./terraform-labs";

interface UpOptions {
  readonly parallel?: number;
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
        .option("--yes", "do not ask when the class may cost more than its budget"),
    run: ([students], options) => bringUp(students as string[], options),
  });
}

async function bringUp(students: readonly string[], { parallel, yes }: UpOptions): Promise<CommandResult> {
  const wholeClass = readClassFile();
  const entries = chosenStudents(wholeClass.labs, students);
  await agreeToCost(wholeClass, entries, { yes });
  const before = ({ id }: LockedLab): Promise<void> => Promise.resolve(forgetSaved(id));
  return resultOf(await terraformLabs({ command: "up", entries, parallel, before }), "ready");
}
