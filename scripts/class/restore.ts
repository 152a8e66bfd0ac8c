import type { Command } from "commander";
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import { atHostOf } from "../../platform/steps/docker";
import { readClass } from "../../roster/class-file";
import { BadArchive, readArchive } from "./archive";
import { addCommand, chosenStudents, CommandFailed, CommandResult, EXIT } from "./command";
import { resultOf, withLabs } from "./labs";
import { NotEmpty, restoreLab, RestoreReport } from "./restore-lab";
import { saveInWords } from "./save";
import { savesFolder, savesOf } from "./save-lab";

interface RestoreCommandOptions {
  readonly replace?: boolean;
}

/** Puts a student's work back. */
export function restore(program: Command): void {
  addCommand<RestoreCommandOptions>(program, {
    usage: "restore <student> [archive]",
    description:
      "Put a student's work back into their lab, from the newest archive in labs/<id>/saves or from the one that is " +
      "named. The archive is checked whole before anything is touched.",
    options: (command) =>
      command.option("--replace", "save what the lab has besides, take it away, and restore (default: refuse)"),
    run: ([student, archive], options) => restoreOne(student as string, archive as string | undefined, options),
  });
}

async function restoreOne(
  student: string,
  archive: string | undefined,
  options: RestoreCommandOptions,
): Promise<CommandResult> {
  const id = chosenStudents(readClass(), [student])[0]!.id;
  const file = archive === undefined ? newest(id) : named(id, archive);
  // Before the lab is waited for.
  await readArchive(file).catch((error: Error) => {
    throw error instanceof BadArchive ? new CommandFailed(EXIT.badInput, error.message) : error;
  });
  let report: RestoreReport | undefined;
  let refusal: NotEmpty | undefined;
  const outcomes = await withLabs([id], {
    purpose: "npm run class -- restore",
    parallel: 1,
    each: async ({ signal, say }) => {
      try {
        report = await atHostOf(id, () => restoreLab(id, file, { ...options, signal, say }));
      } catch (error) {
        refusal = error instanceof NotEmpty ? error : undefined;
        throw error;
      }
    },
  });
  const { exitCode, text } = resultOf(outcomes, "restored");
  return {
    exitCode: refusal ? EXIT.refused : exitCode,
    json: { ...outcomes[0], ...report },
    text: [text, ...(report ? inWords(report) : [])].join("\n"),
  };
}

function inWords({ lab, file, manifest, restored, said, before }: RestoreReport): string[] {
  return [
    saveInWords(lab, { file, manifest }),
    `  ${restored === 0 ? "all of it was there already" : `${restored} of it were missing, and all of it is there now`}`,
    ...said.map((what) => `  ${what}`),
    ...(before ? [`  what was there before: ${relative(REPOSITORY, before.file)}`] : []),
  ];
}

function newest(id: string): string {
  const name = savesOf(id).at(-1);
  if (!name) {
    throw new CommandFailed(
      EXIT.badInput,
      `there is no archive in ${relative(REPOSITORY, savesFolder(id))}; make one: npm run class -- save ${id}`,
    );
  }
  return join(savesFolder(id), name);
}

/** A path, from where npm was called too, or a name in the lab's saves. */
function named(id: string, archive: string): string {
  const places = [resolve(process.env.INIT_CWD ?? "", archive), resolve(archive), join(savesFolder(id), archive)];
  const file = places.find((place) => existsSync(place));
  if (!file) {
    throw new CommandFailed(EXIT.badInput, `there is no archive ${archive}; looked for ${places.join(", ")}.`);
  }
  return file;
}
