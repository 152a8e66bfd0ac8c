import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { REPOSITORY } from "../../platform/repository";
import { pastTheirEnd } from "../../roster/chosen";
import { LabEntry, readClass } from "../../roster/class-file";
import { dropletStackId } from "../../stacks/student-stacks";
import type { SynthesizedLab } from "../../stacks/synthesize";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { LabOutcome, resultOf } from "./labs";
import { LabPlace, lookForLeftovers, noteWhatThereIs, Proof, proofText } from "./leftovers";
import { parseParallel } from "./parallel";
import { saveInWords } from "./save";
import { forgetIfWhole, forgetSaved, noteSaved, saveFirst } from "./save-first";
import type { Save } from "./save-lab";
import { terraformLabs } from "./terraform-labs";

interface DownOptions {
  readonly parallel?: number;
  readonly save: boolean;
  readonly expired?: boolean;
}

/** Takes labs away, and looks whether anything is left. */
export function down(program: Command): void {
  addCommand<DownOptions>(program, {
    usage: "down [students...]",
    description:
      "Take everybody's lab away, or these students', and look whether anything is left. Files in labs/<id>/ stay.",
    options: (command) =>
      command
        .option("--no-save", "do not save the students' work first: what is in the lab's volumes is gone then")
        .option("--expired", "of these, only the labs whose end (expires, in the class file) is past")
        .option("--parallel <number>", "labs to work on at once", parseParallel),
    run: ([students], options) => takeDown(students as string[], options),
  });
}

async function takeDown(students: readonly string[], options: DownOptions): Promise<CommandResult> {
  const chosen = chosenOrFormer(readClass(), students);
  const { entries, former } = options.expired ? { entries: pastTheirEnd(chosen.entries), former: [] } : chosen;
  if (entries.length + former.length === 0) {
    return { exitCode: EXIT.done, json: { labs: [], proofs: [] }, text: "No lab is past its end." };
  }
  const places = [...entries.map(placeOf), ...former.map(placeOfFormer)];
  const kinds = new Map(places.map(({ lab, kind }) => [lab, kind]));
  const saves = new Map<string, Save>();
  const outcomes = await terraformLabs({
    command: "down",
    entries,
    former,
    parallel: options.parallel,
    before: async (lab) => {
      await noteWhatThereIs({ id: lab.id, state: entries.find(({ id }) => id === lab.id)?.state });
      const saved = options.save ? await saveFirst(lab, kinds.get(lab.id)!) : undefined;
      if (saved) {
        noteSaved(lab.id, saved);
        saves.set(lab.id, saved);
      }
    },
  });
  for (const { lab, status } of outcomes.filter((outcome) => outcome.status !== "refused")) {
    await (status === "done" ? forgetSaved(lab) : forgetIfWhole(lab, kinds.get(lab)!));
  }
  return withProof(outcomes, await lookForLeftovers(places), saves);
}

/** Labs that the class file names, and labs of students who have left it, by what an earlier synth made of them. */
function chosenOrFormer(
  entries: readonly LabEntry[],
  students: readonly string[],
): { readonly entries: LabEntry[]; readonly former: SynthesizedLab[] } {
  const known = new Set(entries.map(({ id }) => id));
  const former = students.flatMap((id) => (known.has(id) ? [] : (formerLab(id) ?? [])));
  const rest = students.filter((id) => !former.some((lab) => lab.id === id));
  return { entries: rest.length === 0 && former.length > 0 ? [] : chosenStudents(entries, rest), former };
}

function formerLab(id: string): SynthesizedLab | undefined {
  const folders = [dropletStackId(id), id].map((stack) => join(REPOSITORY, "cdktf.out", "stacks", stack));
  const stacks = folders.filter((folder) => existsSync(join(folder, "cdk.tf.json")));
  return existsSync(labFolder(id)) && stacks.length > 0 ? { id, stacks } : undefined;
}

function placeOf({ id, target }: LabEntry): LabPlace {
  return target?.kind === "digitalocean"
    ? { lab: id, kind: "digitalocean", className: target.options.className }
    : { lab: id, kind: target?.kind ?? "local" };
}

function placeOfFormer({ id, stacks }: SynthesizedLab): LabPlace {
  const kind = stacks.length > 1 ? "digitalocean" : existsSync(join(labFolder(id), "ssh_config")) ? "host" : "local";
  return { lab: id, kind };
}

/** The labs' outcomes, their saves, and what was found when it was looked for what is left of them. */
export function withProof(
  outcomes: readonly LabOutcome[],
  proofs: readonly Proof[],
  saves: ReadonlyMap<string, Save> = new Map(),
): CommandResult {
  const result = resultOf(outcomes, "taken away");
  const clean = proofs.every(({ leftovers, unknown }) => leftovers.length === 0 && unknown === undefined);
  const saved = [...saves].map(([id, save]) => saveInWords(id, save));
  return {
    exitCode: result.exitCode === EXIT.done && !clean ? EXIT.leftovers : result.exitCode,
    json: { labs: outcomes.map((outcome) => ({ ...outcome, save: saves.get(outcome.lab)?.file })), proofs },
    text: [result.text, ...(saved.length > 0 ? ["", "Saved:", ...saved] : []), "", proofText(proofs)].join("\n"),
  };
}
