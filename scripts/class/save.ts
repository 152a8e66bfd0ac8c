import type { Command } from "commander";
import { relative } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import { atHostOf } from "../../platform/steps/docker";
import { readClass } from "../../roster/class-file";
import { PARTS } from "./archive";
import { addCommand, chosenStudents, CommandResult, EXIT } from "./command";
import { count } from "./exercise";
import { resultOf, withLabs } from "./labs";
import { Save, saveLab } from "./save-lab";

/** Labs that are saved at once. */
const PARALLEL = 4;

/** Saves students' work. */
export function save(program: Command): void {
  addCommand(program, {
    usage: "save [students...]",
    description: "Save everybody's, or these students', work, each into an archive in labs/<id>/saves.",
    run: ([students]) => saveLabs(students as string[]),
  });
}

async function saveLabs(students: readonly string[]): Promise<CommandResult> {
  const ids = chosenStudents(readClass(), students).map(({ id }) => id);
  const saves = new Map<string, Save>();
  const outcomes = await withLabs(ids, {
    purpose: "npm run class -- save",
    parallel: PARALLEL,
    each: async ({ id, signal, say }) => {
      say("saving");
      saves.set(id, await atHostOf(id, () => saveLab(id, signal)));
    },
  });
  const result = resultOf(outcomes, "saved");
  const incomplete = [...saves.values()].some(({ manifest }) => manifest.leftOut.length > 0);
  return {
    exitCode: result.exitCode === EXIT.done && incomplete ? EXIT.someFailed : result.exitCode,
    json: { labs: outcomes.map((outcome) => ({ ...outcome, ...saves.get(outcome.lab) })) },
    text: [result.text, ...[...saves].map(([id, saved]) => saveInWords(id, saved))].join("\n"),
  };
}

/** What an archive holds, and what it could not take. */
export function saveInWords(id: string, { file, manifest }: Save): string {
  const { hdfs, kafka, metastore, w205 } = manifest.parts;
  const bytes = PARTS.reduce((sum, name) => sum + manifest.parts[name].bytes, 0);
  const has = [
    count(Number(hdfs.files), "file in HDFS", "files in HDFS"),
    `${count(Number(kafka.events), "event")} on ${count(Number(kafka.topics), "topic")}`,
    count(Number(metastore.tables), "table"),
    count(Number(w205.files), "file in /w205", "files in /w205"),
    `${(bytes / 1024 / 1024).toFixed(1)} MiB in all`,
  ];
  return [
    `${id}: ${relative(REPOSITORY, file)}: ${has.join(", ")}`,
    ...manifest.leftOut.map((what) => `  left out, since it can't be read: ${what}`),
  ].join("\n");
}
