import type { Command } from "commander";
import { ApiGate } from "../../platform/api-gate";
import { readClass } from "../../roster/class-file";
import { newLog, runLab } from "../../stacks/run-lab";
import { SynthesizedLab, synthesize } from "../../stacks/synthesize";
import { stepOf } from "../../stacks/terraform-progress";
import { addCommand, chosenStudents, CommandResult } from "./command";
import { resultOf, withLabs } from "./labs";
import { defaultParallel, parseParallel } from "./parallel";

interface UpOptions {
  readonly parallel?: number;
}

/** Brings labs up, or mends them, or changes nothing. */
export function up(program: Command): void {
  addCommand<UpOptions>(program, {
    usage: "up [students...]",
    description:
      "Give everybody, or these students, their lab. Failed or interrupted, the same command goes on where it stopped.",
    options: (command) =>
      command.option(
        "--parallel <number>",
        "labs to work on at once (default: what this machine can bring up, 10 for labs on other machines)",
        parseParallel,
      ),
    run: ([students], options) => bringUp(students as string[], options),
  });
}

async function bringUp(students: readonly string[], options: UpOptions): Promise<CommandResult> {
  const entries = chosenStudents(readClass(), students);
  const stacks = new Map<string, SynthesizedLab>();
  const gate = entries.some(({ target }) => target?.kind === "digitalocean") ? await ApiGate.open() : undefined;
  const outcomes = await withLabs(
    entries.map(({ id }) => id),
    {
      purpose: "npm run class -- up",
      parallel: options.parallel ?? defaultParallel(entries),
      prepare: async (ids) => {
        const synthesized = await synthesize(
          entries.filter(({ id }) => ids.includes(id)),
          { manifest: false },
        );
        synthesized.forEach((lab) => stacks.set(lab.id, lab));
      },
      each: async ({ id, lock, signal, say, useLog }) => {
        const log = newLog(id, "up");
        useLog(log);
        const onLine = (line: string): void => {
          const step = stepOf(line);
          if (step) {
            say(step);
          }
        };
        await runLab(stacks.get(id)!, "apply", { lock, log, signal, onLine, env: gate?.environment });
      },
    },
  ).finally(() => gate?.close());
  return resultOf(outcomes, "ready");
}
