import type { Command } from "commander";
import { pastTheirEnd } from "../../roster/chosen";
import { LabClass, LabEntry, readClassFile } from "../../roster/class-file";
import { classCost, LabCost } from "./class-cost";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { LabOutcome, resultOf } from "./labs";
import { onDroplet } from "./droplets";
import { formerLab } from "./former-lab";
import { LabPlace, lookForLeftovers, lookForStrays, noteWhatThereIs, Proof, proofText, Stray } from "./leftovers";
import { notePaid } from "./paid-droplets";
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
  const wholeClass = readClassFile();
  const chosen = chosenOrFormer(wholeClass, students);
  const entries = options.expired ? pastTheirEnd(chosen) : chosen;
  if (entries.length === 0) {
    return { exitCode: EXIT.done, json: { labs: [], proofs: [], strays: [] }, text: "No lab is past its end." };
  }
  const places = entries.map(placeOf);
  const kinds = new Map(places.map(({ lab, kind }) => [lab, kind]));
  const costs = await dropletCosts(entries, wholeClass);
  const saves = new Map<string, Save>();
  const outcomes = await terraformLabs({
    command: "down",
    entries,
    parallel: options.parallel,
    before: async (lab) => {
      await noteWhatThereIs({ id: lab.id, state: entries.find(({ id }) => id === lab.id)?.state });
      const saved = options.save ? await saveFirst(lab, kinds.get(lab.id)!) : undefined;
      if (saved) {
        noteSaved(lab.id, saved);
        saves.set(lab.id, saved);
      }
      costs.filter((cost) => cost.lab === lab.id).forEach(notePaid);
    },
  });
  for (const { lab, status } of outcomes.filter((outcome) => outcome.status !== "refused")) {
    await (status === "done" ? forgetSaved(lab) : forgetIfWhole(lab, kinds.get(lab)!));
  }
  return withProof(outcomes, {
    proofs: await lookForLeftovers(places),
    strays: await lookForStrays(wholeClass),
    saves,
    // Who takes some students' labs away has not asked about others.
    ofAll: students.length === 0,
  });
}

/** What the labs' droplets have cost; what can't be known is no reason to leave them there. */
async function dropletCosts(entries: readonly LabEntry[], { labs }: LabClass): Promise<readonly LabCost[]> {
  if (!entries.some(onDroplet)) {
    return [];
  }
  const found = await classCost(entries, { wholeClass: labs }).catch((error: Error) => {
    console.error(`What the droplets have cost is not noted: ${error.message}`);
  });
  return found?.labs ?? [];
}

/** Labs that the class file names, and labs of students who have left it. */
function chosenOrFormer(wholeClass: LabClass, students: readonly string[]): LabEntry[] {
  const { labs } = wholeClass;
  const former = students
    .filter((id) => labs.every((lab) => lab.id !== id))
    .flatMap((id) => formerLab(id, wholeClass) ?? []);
  const rest = students.filter((id) => former.every((lab) => lab.id !== id));
  return [...(rest.length === 0 && former.length > 0 ? [] : chosenStudents(labs, rest)), ...former];
}

function placeOf({ id, target }: LabEntry): LabPlace {
  return target?.kind === "digitalocean"
    ? { lab: id, kind: "digitalocean", className: target.options.className }
    : { lab: id, kind: target?.kind ?? "local" };
}

/** What was found when it was looked for what is left of labs. */
export interface Found {
  readonly proofs: readonly Proof[];
  /** @default - none */
  readonly strays?: readonly Stray[];
  /** The labs' saves. @default - none */
  readonly saves?: ReadonlyMap<string, Save>;
  /**
   * The whole class was taken away: something else of it that is billed is left of that, too.
   * @default false
   */
  readonly ofAll?: boolean;
}

/** The labs' outcomes, and what was found. */
export function withProof(outcomes: readonly LabOutcome[], found: Found): CommandResult {
  const { proofs, strays = [], saves = new Map<string, Save>(), ofAll = false } = found;
  const result = resultOf(outcomes, "taken away");
  const clean =
    proofs.every(({ leftovers, unknown }) => leftovers.length === 0 && unknown === undefined) &&
    !(ofAll && strays.some(({ billed }) => billed));
  const saved = [...saves].map(([id, save]) => saveInWords(id, save));
  return {
    exitCode: result.exitCode === EXIT.done && !clean ? EXIT.leftovers : result.exitCode,
    json: { labs: outcomes.map((outcome) => ({ ...outcome, save: saves.get(outcome.lab)?.file })), proofs, strays },
    text: [result.text, ...(saved.length > 0 ? ["", "Saved:", ...saved] : []), "", proofText(proofs, strays)].join(
      "\n",
    ),
  };
}
