import { createHash, Hash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";

/** What tools leave beside the files that people write. */
const LITTER = /(^|\/)(__pycache__|\.pytest_cache|\.ruff_cache|\.ipynb_checkpoints|\.DS_Store|\._[^/]*)(\/|$)/;

/** Whether a path is what tools left, not what people wrote. */
export function isLitter(path: string): boolean {
  return LITTER.test(path);
}

/** Whether there is a file at a path that somebody wrote: a folder, or what can be no path, is none. */
export function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** The files below a folder, by their paths in it, in a stable order; no litter. */
export function filesIn(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => !isLitter(path) && statSync(join(folder, path)).isFile())
    .sort();
}

/** A hash over a folder's files: path, execute bit, content. */
export function hashFolder(folder: string, hash: Hash = createHash("sha256")): Hash {
  for (const path of filesIn(folder)) {
    const file = join(folder, path);
    hash.update(`\0${path}\0${statSync(file).mode & 0o100}\0`).update(readFileSync(file));
  }
  return hash;
}

/**
 * Writes a file, whole or not at all: a deploy may be reading it. One that has this content keeps its time, so that
 * nothing that watches it stirs.
 */
export function writeIfChanged(path: string, content: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8") !== content) {
    // Of this process alone: another may write the same file at this moment.
    const draft = `${path}.${process.pid}.new`;
    writeFileSync(draft, content);
    renameSync(draft, path);
  }
}

/** A path as people write it, where ~ is the home. */
export function homePath(text: string): string {
  return resolve(text.replace(/^~(?=\/)/, homedir()));
}

/** A path as a person reads it in a message: from here, where it lies below. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
