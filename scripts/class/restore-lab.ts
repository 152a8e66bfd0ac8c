import { createReadStream } from "node:fs";
import { Writable } from "node:stream";
import { docker, lastWords, StepFailed } from "../../platform/steps/docker";
import { carryAndStream } from "../../platform/steps/stream";
import { Manifest, PartName, PARTS, readArchive } from "./archive";
import { Save, SAVE_FILES, SAVE_SECONDS, saveLab } from "./save-lab";
import { deployedVersions, laterVersions } from "./versions";

/** How a restore is done. */
export interface RestoreOptions {
  /**
   * Save what the lab has and the archive has not, take it away, and then restore.
   * @default false: such a lab is refused
   */
  readonly replace?: boolean;
  /** Told what is being done. */
  readonly say?: (what: string) => void;
  /**
   * Ends it: the next restore of the same archive goes on.
   * @default - never
   */
  readonly signal?: AbortSignal;
}

/** What a restore came to. */
export interface RestoreReport {
  readonly lab: string;
  readonly file: string;
  readonly manifest: Manifest;
  /** How many files, events, tables and the like were missing and are there now. */
  readonly restored: number;
  /** What a person should know: files that got another name, offsets that had no event. */
  readonly said: readonly string[];
  /** The archive of what was there before, where something was taken away. */
  readonly before?: Save;
}

/** What jobs/save/restore.py finds in one part. */
interface PartReport {
  readonly same: number;
  readonly missing: number;
  readonly conflicts: readonly string[];
  readonly said: readonly string[];
}

type Mode = "compare" | "write" | "clear";

type Comparison = Readonly<Record<PartName, PartReport>>;

/** A lab that has what the archive has not. */
export class NotEmpty extends StepFailed {
  constructor(lab: string, conflicts: readonly string[]) {
    const some = conflicts.slice(0, 10).map((conflict) => `  ${conflict}`);
    const more = conflicts.length > some.length ? [`  ... and ${conflicts.length - some.length} more`] : [];
    super(
      [
        `the lab "${lab}" has what the archive has not; nothing was changed:`,
        ...some,
        ...more,
        "With --replace it is saved into an archive of its own first, then taken away.",
      ].join("\n"),
    );
  }
}

/**
 * Puts an archive back into a lab, and compares all of it afterwards. One that was cut off goes on when it is started
 * again: what is there already is left as it is. The lab's host is the one that the environment names.
 *
 * @throws BadArchive when the archive is damaged; NotEmpty, or StepFailed, before anything is changed, when the lab
 *   can't take it
 */
export async function restoreLab(lab: string, file: string, options: RestoreOptions = {}): Promise<RestoreReport> {
  const { replace = false, say = () => undefined, signal } = options;
  const run = (what: Mode, archive?: string): Promise<Comparison> => runRestore(lab, what, archive, signal);
  say("reading the archive");
  const manifest = await readArchive(file);
  const later = laterVersions(manifest.versions ?? {}, await deployedVersions(lab));
  if (later.length > 0) {
    throw new StepFailed(`${file} is of a later lab than "${lab}": ${later.join("; ")}. Deploy that version first.`);
  }
  await refuseRunningJobs(lab);
  say("comparing it with the lab");
  const found = await run("compare", file);
  const conflicts = conflictsOf(found);
  if (conflicts.length > 0 && !replace) {
    throw new NotEmpty(lab, conflicts);
  }
  let before: Save | undefined;
  if (conflicts.length > 0) {
    say("saving what is there");
    before = await saveLab(lab, signal);
    if (before.manifest.leftOut.length > 0) {
      throw new StepFailed(`not all of /w205 could be saved: ${before.manifest.leftOut.join("; ")}`);
    }
    say("taking away what is there");
    await run("clear");
  }
  if (conflicts.length === 0 && PARTS.every((name) => found[name].missing === 0)) {
    return { lab, file, manifest, restored: 0, said: [] };
  }
  say("restoring");
  const written = await run("write", file);
  say("comparing it with the archive");
  const after = await run("compare", file);
  const wrong = [...conflictsOf(after), ...PARTS.filter((name) => after[name].missing > 0).map(missing(after))];
  if (wrong.length > 0) {
    throw new StepFailed(`the lab "${lab}" is not as the archive after the restore:\n  ${wrong.join("\n  ")}`);
  }
  return {
    lab,
    file,
    manifest,
    restored: PARTS.reduce((sum, name) => sum + written[name].missing, 0),
    said: PARTS.flatMap((name) => written[name].said),
    before,
  };
}

function conflictsOf(comparison: Comparison): string[] {
  return PARTS.flatMap((name) => comparison[name].conflicts);
}

function missing(comparison: Comparison): (name: PartName) => string {
  return (name) => `${name}: ${comparison[name].missing} missing`;
}

/** A job that goes on writing would be neither in the archive nor in the lab as it was. */
async function refuseRunningJobs(lab: string): Promise<void> {
  const { exitCode, output } = await docker([
    "exec",
    `lab-${lab}-spark`,
    "pgrep",
    "-af",
    "org.apache.spark.deploy.[S]parkSubmit",
  ]);
  if (exitCode === 0) {
    const jobs = output
      .trim()
      .split("\n")
      .map((line) => line.split(" ").at(-1));
    throw new StepFailed(`Spark is at work in the lab "${lab}" (${jobs.join(", ")}): stop it first, or wait for it.`);
  }
}

async function runRestore(lab: string, what: Mode, file?: string, signal?: AbortSignal): Promise<Comparison> {
  const printed: Buffer[] = [];
  const { exitCode, errors } = await carryAndStream({
    container: `lab-${lab}-mids`,
    timeoutSeconds: SAVE_SECONDS,
    files: SAVE_FILES,
    command: ["python3", "jobs/save/restore.py", what],
    signal,
    input: file === undefined ? undefined : createReadStream(file),
    output: new Writable({
      write(chunk: Buffer, _, done) {
        printed.push(chunk);
        done();
      },
    }),
  });
  if (exitCode !== 0) {
    throw new StepFailed(
      `the lab "${lab}" was not restored: ${lastWords(errors, 5) || `jobs/save/restore.py ended with ${exitCode}`}`,
    );
  }
  return JSON.parse(Buffer.concat(printed).toString("utf8")) as Comparison;
}
