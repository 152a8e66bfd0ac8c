import { closeSync, createWriteStream, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labFolder } from "../../platform/lab-files";
import { lastWords, StepFailed } from "../../platform/steps/docker";
import { carryAndStream } from "../../platform/steps/stream";
import { archiveName, isArchiveName, Manifest, readArchive } from "./archive";
import { deployedVersions } from "./versions";

/** A save that is whole. */
export interface Save {
  readonly file: string;
  readonly manifest: Manifest;
}

/** What runs in mids for a save or a restore. */
export const SAVE_FILES = ["jobs/save", "jobs/hooks"];

/** The longest that a save or a restore of a lab may take. */
export const SAVE_SECONDS = 3600;

/** What an archive that is being written is called: one that is left from a save that was cut off is taken away. */
const UNFINISHED = ".unfinished";

/** The folder of a lab's archives. */
export function savesFolder(lab: string): string {
  return join(labFolder(lab), "saves");
}

/** A lab's whole archives, the oldest first. */
export function savesOf(lab: string): string[] {
  const folder = savesFolder(lab);
  return existsSync(folder) ? readdirSync(folder).filter(isArchiveName).sort() : [];
}

/**
 * Saves a lab's work into an archive. It has its name only when it is whole, on the disk, and has been read back.
 * The lab's host is the one that the environment names: see useHostOf.
 *
 * @throws StepFailed when the lab can't be read, BadArchive when what was written does not read back
 */
export async function saveLab(lab: string, signal?: AbortSignal): Promise<Save> {
  const folder = savesFolder(lab);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder).filter((name) => name.endsWith(UNFINISHED))) {
    rmSync(join(folder, name));
  }
  let taken = new Date();
  while (existsSync(join(folder, archiveName(lab, taken)))) {
    await sleep(1000 - taken.getMilliseconds());
    taken = new Date();
  }
  const file = join(folder, archiveName(lab, taken));
  const draft = `${file}${UNFINISHED}`;
  try {
    await write(lab, taken, draft, signal);
    const manifest = await readArchive(draft);
    await rename(draft, file);
    sync(folder);
    return { file, manifest };
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

async function write(lab: string, taken: Date, file: string, signal?: AbortSignal): Promise<void> {
  const facts = { lab, taken: taken.toISOString(), versions: await deployedVersions(lab) };
  const { exitCode, errors } = await carryAndStream({
    container: `lab-${lab}-mids`,
    timeoutSeconds: SAVE_SECONDS,
    files: SAVE_FILES,
    command: ["python3", "jobs/save/save.py", JSON.stringify(facts)],
    output: createWriteStream(file, { mode: 0o600 }),
    signal,
  });
  if (exitCode !== 0) {
    throw new StepFailed(
      `the lab "${lab}" was not saved: ${lastWords(errors, 5) || `the save ended with ${exitCode}`}`,
    );
  }
  sync(file);
}

/** What was written is on the disk, not only on its way. */
function sync(path: string): void {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}
