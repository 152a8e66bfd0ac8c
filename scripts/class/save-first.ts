/** The save that comes before a lab is taken away. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DockerThings, isNothing, localThings, remoteThings, thingsOf } from "../../platform/docker-things";
import { writeIfChanged } from "../../platform/files";
import { labFolder } from "../../platform/lab-files";
import { atHostOf } from "../../platform/steps/docker";
import { SERVICE_NAMES } from "../../stacks/lab-stack";
import type { LockedLab } from "./labs";
import type { LabPlace } from "./leftovers";
import { Save, saveLab } from "./save-lab";

/**
 * Saves a lab's work before it is taken away. There is nothing to save of a lab that is not there, and of one that an
 * interrupted `down` saved and has begun to take away.
 *
 * @throws Error when it can't be saved, with what to do
 */
export async function saveFirst({ id, say, signal }: LockedLab, kind: LabPlace["kind"]): Promise<Save | undefined> {
  const things = await thingsThere(id, kind);
  if (!things || isNothing(things) || (isTorn(things) && wasSaved(id))) {
    return undefined;
  }
  say("saving");
  const saved = await atHostOf(id, () => saveLab(id, signal)).catch((error: Error) => {
    signal.throwIfAborted();
    throw new Error(`${error.message}\n${cure(id)}`);
  });
  // On this machine /w205 is the folder that stays.
  if (kind !== "local" && saved.manifest.leftOut.length > 0) {
    throw new Error(`not all of /w205 could be saved: ${saved.manifest.leftOut.join("; ")}\n${cure(id)}`);
  }
  return saved;
}

async function thingsThere(lab: string, kind: LabPlace["kind"]): Promise<DockerThings | undefined> {
  return kind === "local" ? thingsOf(await localThings(), lab) : remoteThings(lab);
}

function cure(lab: string): string {
  return (
    `It was not taken away. Bring it up first (npm run class -- up ${lab}), ` +
    `or take it away without a save (npm run class -- down ${lab} --no-save): what is in its volumes is gone then.`
  );
}

/** A destroy has begun on it: some of its containers are gone. */
function isTorn({ containers }: DockerThings): boolean {
  return SERVICE_NAMES.some((name) => !containers.some(({ service }) => service === name));
}

/** Notes that a lab is saved, and that its destroy begins. */
export function noteSaved(lab: string, { file }: Save): void {
  writeIfChanged(noteFile(lab), JSON.stringify({ save: file }));
}

/** The lab lives again, or is gone: the next `down` saves anew. */
export function forgetSaved(lab: string): void {
  rmSync(noteFile(lab), { force: true });
}

/** After a `down` that broke off: students go on in a lab that is still whole, so the next `down` saves anew. */
export async function forgetIfWhole(lab: string, kind: LabPlace["kind"]): Promise<void> {
  const things = wasSaved(lab) ? await thingsThere(lab, kind).catch(() => undefined) : undefined;
  if (things && !isTorn(things)) {
    forgetSaved(lab);
  }
}

function wasSaved(lab: string): boolean {
  const file = noteFile(lab);
  return existsSync(file) && existsSync((JSON.parse(readFileSync(file, "utf8")) as { save: string }).save);
}

function noteFile(lab: string): string {
  return join(labFolder(lab), "saved-for-down.json");
}
