import type { Command } from "commander";
import { BadInputError, nearest, show } from "../../platform/checks";
import { atHostOf, StepFailed } from "../../platform/steps/docker";
import { readClass } from "../../roster/class-file";
import { newLog, runLab } from "../../stacks/run-lab";
import { SynthesizedLab, synthesize } from "../../stacks/synthesize";
import { stepOf } from "../../stacks/terraform-progress";
import { agree } from "./ask";
import { addCommand, chosenStudents, CommandResult } from "./command";
import { LockedLab, resultOf, withLabs } from "./labs";
import { hasSavedData, hasService, inventoryOf, lossesOf, RESETTABLE, ServiceName, takeAway } from "./reset-lab";
import { saveInWords } from "./save";
import { forgetSaved } from "./save-first";
import { Save, saveLab } from "./save-lab";

interface ResetOptions {
  readonly yes?: boolean;
  /** False with --no-save. */
  readonly save: boolean;
}

/** Brings one service of a lab back to its start. */
export function reset(program: Command): void {
  addCommand<ResetOptions>(program, {
    usage: "reset <student> <service>",
    description:
      `Bring one service (${RESETTABLE.join(", ")}) of a student's lab back to its start. Says first which data ` +
      "goes, and saves the lab's work before. The others keep theirs, and /w205 is not touched.",
    options: (command) =>
      command.option("--yes", "do not ask").option("--no-save", "do not save before: what goes is lost"),
    run: ([student, service], options) => resetOne(student as string, service as string, options),
  });
}

async function resetOne(student: string, service: string, options: ResetOptions): Promise<CommandResult> {
  const entries = chosenStudents(readClass(), [student]);
  const { id } = entries[0]!;
  checkService(service);
  if (!(await atHostOf(id, () => hasService(id, service)))) {
    const option = `${service}: { enabled: true }`;
    throw new BadInputError("service", `the lab "${id}" has no ${service}; \`${option}\` in the class file adds it.`);
  }
  await agreeToLoss(id, service, options);
  let saved: Save | undefined;
  let lab: SynthesizedLab | undefined;
  const outcomes = await withLabs([id], {
    purpose: "npm run class -- reset",
    parallel: 1,
    each: async (locked) => {
      if (options.save && hasSavedData(service)) {
        locked.say("saving");
        saved = await saveAll(id, locked.signal);
      }
      locked.signal.throwIfAborted();
      // What is torn from now on is no lab that a `down` has begun to take away.
      forgetSaved(id);
      locked.say(`taking away ${service}`);
      await atHostOf(id, () => takeAway(id, service));
      // After it: a synth looks which containers there are.
      [lab] = await synthesize(entries, { manifest: false });
      await deploy(lab!, locked);
    },
  });
  const result = resultOf(outcomes, "reset");
  return {
    exitCode: result.exitCode,
    json: { ...outcomes[0], service, saved },
    text: [result.text, ...(saved ? [saveInWords(id, saved)] : [])].join("\n"),
  };
}

async function deploy(lab: SynthesizedLab, { id, lock, signal, say, useLog }: LockedLab): Promise<void> {
  const log = newLog(id, "reset");
  useLog(log);
  const onLine = (line: string): void => {
    const step = stepOf(line);
    if (step) {
      say(step);
    }
  };
  await runLab(lab, "apply", { lock, log, signal, onLine });
}

/** Says what goes, and asks. @throws CommandFailed where nobody agrees */
async function agreeToLoss(id: string, service: ServiceName, { yes, save }: ResetOptions): Promise<void> {
  const losses = lossesOf(service, await atHostOf(id, () => inventoryOf(id)));
  const kept = save && hasSavedData(service) ? "It is saved first." : "It is not saved first.";
  const what = losses.length > 0 ? [" loses:", ...losses.map((loss) => `  ${loss}`), kept] : [" has no data."];
  process.stderr.write(`${service} of the lab "${id}"${what.join("\n")}\n`);
  await agree(`Bring ${service} of "${id}" back to its start?`, yes);
}

/** A service that does not answer can't be saved, and is perhaps what has to be reset. */
async function saveAll(id: string, signal: AbortSignal): Promise<Save> {
  try {
    return await atHostOf(id, () => saveLab(id, signal));
  } catch (error) {
    if (error instanceof StepFailed) {
      throw new StepFailed(`${error.message}\nNothing was touched. To reset without a save: --no-save.`);
    }
    throw error;
  }
}

function checkService(service: string): asserts service is ServiceName {
  if (!(RESETTABLE as readonly string[]).includes(service)) {
    const near = nearest(service, RESETTABLE);
    throw new BadInputError(
      "service",
      `there is no service ${show(service)}.${near ? ` Did you mean "${near}"?` : ""} Allowed: ${RESETTABLE.join(", ")}.`,
    );
  }
}
