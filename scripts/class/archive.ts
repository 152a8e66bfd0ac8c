/** A save's archive, as jobs/save/archive.py writes it: names, manifest, and the proof that all of it is there. */
import { createHash, Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Parser, ReadEntry } from "tar";
import { show } from "../../platform/checks";

/** The parts, in their order. */
export const PARTS = ["hdfs", "kafka", "metastore", "w205"] as const;

/** One of the parts. */
export type PartName = (typeof PARTS)[number];

/** What a part has: `members` and `bytes`, and what it counts besides. */
export interface PartSummary {
  readonly members: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly [count: string]: number | string;
}

/** What an archive says of itself. */
export interface Manifest {
  /** The version of the archive's own form. */
  readonly format: number;
  /** The lab that was saved. */
  readonly lab: string;
  /** When: ISO 8601, UTC. */
  readonly taken: string;
  /** The versions of what ran in the lab. */
  readonly versions: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<PartName, PartSummary>>;
  /** Files of /w205 that could not be read, with the reason. */
  readonly leftOut: readonly string[];
}

/** The newest form that this program reads. */
export const FORMAT = 1;

/** An archive that is not whole, or not an archive. */
export class BadArchive extends Error {
  constructor(file: string, problem: string) {
    super(`${file} can't be used: ${problem}`);
  }
}

const MANIFEST = "manifest.json";
const MAX_MANIFEST = 1 << 20;

/** The name of a lab's archive. */
export function archiveName(lab: string, taken: Date): string {
  return `${lab}-${taken.toISOString().replaceAll(/[-:]|\.\d+/g, "")}.tar.gz`;
}

const ARCHIVE_NAME = /^[a-z][a-z0-9-]*-\d{8}T\d{6}Z\.tar\.gz$/;

/** Whether a file of a lab's saves is a whole archive, by its name. */
export function isArchiveName(name: string): boolean {
  return ARCHIVE_NAME.test(name);
}

/**
 * Reads all of an archive, as a stream, and compares it with its own manifest.
 *
 * @throws BadArchive when something is missing, damaged, cut, or has a name that leads out of its part
 */
export async function readArchive(file: string): Promise<Manifest> {
  const seen = new Map(PARTS.map((name) => [name, new PartSum()]));
  let manifest: Buffer | undefined;
  const parser = new Parser({ strict: true });
  const pending: Promise<void>[] = [];
  let problem: string | undefined;
  parser.on("entry", (entry: ReadEntry) => {
    const refuse = (what: string): void => {
      problem ??= what;
      entry.resume();
    };
    const name = entry.path.replace(/\/$/, "");
    if (manifest) {
      return refuse(`it has ${show(name)} after its manifest`);
    }
    if (name === MANIFEST) {
      if (entry.size > MAX_MANIFEST) {
        return refuse(`its manifest has ${entry.size} bytes`);
      }
      manifest = Buffer.alloc(0);
      const chunks: Buffer[] = [];
      entry.on("data", (chunk: Buffer) => chunks.push(chunk));
      entry.on("end", () => (manifest = Buffer.concat(chunks)));
      return;
    }
    const part = seen.get(name.split("/")[0] as PartName);
    if (!part || leadsOut(name)) {
      return refuse(`it has the name ${show(name)}`);
    }
    if (!["File", "Directory", "SymbolicLink"].includes(entry.type)) {
      return refuse(`${show(name)} is a ${entry.type}`);
    }
    part.add(entry, name);
  });
  try {
    await pipeline(createReadStream(file), createGunzip(), parser as unknown as NodeJS.WritableStream);
    await Promise.all(pending);
  } catch (error) {
    throw new BadArchive(file, `it is damaged or cut (${(error as Error).message})`);
  }
  if (problem) {
    throw new BadArchive(file, problem);
  }
  if (!manifest) {
    throw new BadArchive(file, "it has no manifest: it is cut, or no save of a lab");
  }
  return checked(file, manifest, seen);
}

function checked(file: string, text: Buffer, seen: ReadonlyMap<PartName, PartSum>): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text.toString("utf8")) as Manifest;
  } catch {
    throw new BadArchive(file, "its manifest is not JSON");
  }
  if (!Number.isInteger(manifest?.format) || manifest.format > FORMAT) {
    throw new BadArchive(
      file,
      `its form is ${show(manifest?.format)}; this program reads up to ${FORMAT}: it was made by a later version`,
    );
  }
  if (typeof manifest.lab !== "string" || typeof manifest.taken !== "string" || !Array.isArray(manifest.leftOut)) {
    throw new BadArchive(file, "its manifest does not say which lab was saved and when");
  }
  for (const [name, sum] of seen) {
    const said = manifest.parts?.[name];
    const found = sum.summary();
    if (!said || (Object.keys(found) as (keyof typeof found)[]).some((key) => said[key] !== found[key])) {
      throw new BadArchive(file, `its part ${name} is not what the manifest says`);
    }
  }
  return manifest;
}

/** A part's sum, made as jobs/save/archive.py makes it. */
class PartSum {
  private readonly hash = createHash("sha256");
  private members = 0;
  private bytes = 0;

  add(entry: ReadEntry, name: string): void {
    const kind = { Directory: "folder", SymbolicLink: "link" }[entry.type as string] ?? "file";
    const line = (content: string): void => {
      const fields = [
        name,
        kind,
        entry.mode ?? 0,
        entry.uname ?? "",
        entry.gname ?? "",
        Math.round((entry.mtime?.getTime() ?? 0) / 1000),
        entry.size,
        content,
      ];
      this.hash.update(`${JSON.stringify(fields)}\n`);
      this.members += 1;
      this.bytes += entry.size;
    };
    if (kind !== "file") {
      line(kind === "link" ? (entry.linkpath ?? "") : "");
      entry.resume();
      return;
    }
    const content: Hash = createHash("sha256");
    entry.on("data", (chunk: Buffer) => content.update(chunk));
    entry.on("end", () => line(content.digest("hex")));
  }

  summary(): { members: number; bytes: number; sha256: string } {
    return { members: this.members, bytes: this.bytes, sha256: this.hash.digest("hex") };
  }
}

/** Whether a name would lead out of its part once its percents are read. */
function leadsOut(name: string): boolean {
  const plain = name.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  const words = plain.split("/");
  return words.length < 2 || plain.includes("\0") || words.some((word) => word === "" || word === "." || word === "..");
}
