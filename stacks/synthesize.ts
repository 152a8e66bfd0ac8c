import { App, TerraformStack } from "cdktf";
import { resolve } from "node:path";
import { BadInputError, collectMistakes, mistakesIn, refuseAll } from "../platform/checks";
import type { OnHost } from "../platform/lab";
import { portUsers } from "../platform/published-ports";
import { writeStepsProgram } from "../platform/steps-program";
import { baseImage } from "../roster/machine";
import type { InspectedClass, LabEntry } from "../roster/class-file";
import { setAsideGoneLabs } from "./gone-droplets";
import { clashes, DeclaredLab } from "./clashes";
import { findOnHosts } from "./on-host";
import { provideProviders } from "./stack-folder";
import { PartReport, parts, SynthHelper } from "./synth-helpers";
import { labHost, StudentProps, StudentStacks, studentStacks, writeStudentFolder } from "./student-stacks";

/** A lab whose stacks are synthesized. */
export interface SynthesizedLab {
  readonly id: string;
  /** The folders of its stacks, in the order in which they are deployed: a droplet first. */
  readonly stacks: readonly string[];
}

/** How labs are synthesized. */
export interface SynthesizeOptions {
  /**
   * Write the manifest that cdktf reads after it. Without it, several processes may synthesize different labs at once.
   * @default true
   */
  readonly manifest?: boolean;
  /**
   * So many processes more share the work. Only for labs as the class file has them, where they read them.
   * @default 0
   */
  readonly helpers?: number;
  /**
   * Mistakes that the class file's own check found: they are named with those that the constructs find.
   * @default - none
   */
  readonly found?: readonly BadInputError[];
}

/**
 * Synthesizes the stacks of these labs into the app's folder, and writes each lab's own folder.
 *
 * @throws BadInputError naming all mistakes, before anything is touched
 */
export async function synthesize(
  entries: readonly LabEntry[],
  { manifest = true, found = [], helpers = 0 }: SynthesizeOptions = {},
): Promise<SynthesizedLab[]> {
  const helping = Array.from({ length: helpers }, () => new SynthHelper());
  try {
    return await synthesizeAll(entries, { manifest, found }, helping);
  } finally {
    helping.forEach((helper) => helper.dismiss());
  }
}

async function synthesizeAll(
  entries: readonly LabEntry[],
  { manifest, found }: Required<Omit<SynthesizeOptions, "helpers">>,
  helpers: readonly SynthHelper[],
): Promise<SynthesizedLab[]> {
  const [own = [], ...others] = parts(entries, helpers.length);
  await Promise.all(helpers.map((helper, index) => helper.declare(others[index]!.map(({ id }) => id))));
  const { app, students, labs: ownLabs, mistakes } = withoutStackTraces(() => declare(own));
  const reports = await Promise.all(helpers.map((helper) => helper.report()));
  const labs = [ownLabs, ...reports.map((report) => report.labs)].flat();
  refuseAll([
    ...found,
    ...mistakes,
    ...reports.flatMap((report) => report.mistakes.map(mistakeAgain)),
    ...clashes(entries, labs),
  ]);
  const onDroplets = entries.filter(({ target }) => target?.kind === "digitalocean");
  await setAsideGoneLabs(onDroplets, (message) => console.error(message));
  const onHosts = entries.map((entry) => ({ id: entry.id, host: labHost(entry), state: entry.state }));
  const [onHost] = await Promise.all([findOnHosts(onHosts), writeStepsProgram()]);
  await Promise.all(
    helpers.map((helper, index) => helper.write(others[index]!.map(({ id }) => [id, onHost.get(id)!]))),
  );
  for (const stack of labs.flatMap(({ stacks }) => stacks)) {
    app.manifest.stacks[stack.name] = stack;
  }
  write({ app, students }, onHost, manifest);
  await Promise.all(helpers.map((helper) => helper.done()));
  return labs.map(({ id, stacks }) => ({
    id,
    stacks: stacks.map(({ name }) => resolve(app.outdir, "stacks", name)),
  }));
}

/** A part of a class that a process of its own synthesizes. */
export interface DeclaredPart {
  readonly report: PartReport;
  /** Writes the part's stacks and labs' folders, and no manifest. */
  readonly write: (onHost: ReadonlyMap<string, OnHost>) => void;
}

/** Declares a part of a class. It is for the process that has all of the class to refuse what is wrong. */
export function declarePart(entries: readonly LabEntry[]): DeclaredPart {
  const { labs, mistakes, ...declared } = withoutStackTraces(() => declare(entries));
  return {
    report: { labs, mistakes: mistakes.map(({ where, problem, options }) => ({ where, problem, options })) },
    write: (onHost) => write(declared, onHost, false),
  };
}

function mistakeAgain({ where, problem, options }: PartReport["mistakes"][number]): BadInputError {
  return new BadInputError(where, problem, options);
}

function write(
  { app, students }: Pick<Declared, "app" | "students">,
  onHost: ReadonlyMap<string, OnHost>,
  manifest: boolean,
): void {
  withoutStackTraces(() => {
    students.forEach(({ lab }) => lab.takeUp(onHost.get(lab.id)!));
    if (!manifest) {
      app.manifest.writeToFile = () => undefined;
    }
    app.synth();
  });
  for (const student of students) {
    writeStudentFolder(student, onHost.get(student.lab.id)?.orphans);
    stacksOf(student).forEach((stack) => provideProviders(app.outdir, stack.node.id));
  }
}

/** A student's stacks, in the order in which they are deployed. */
function stacksOf({ labStack, dropletStack }: StudentStacks): TerraformStack[] {
  return dropletStack ? [dropletStack, labStack] : [labStack];
}

interface Declared {
  readonly app: App;
  readonly students: readonly StudentStacks[];
  readonly labs: readonly DeclaredLab[];
  /** What is wrong in single labs. */
  readonly mistakes: readonly BadInputError[];
}

function declare(entries: readonly LabEntry[], props: StudentProps = {}): Declared {
  // cdktf's validations ask Terraform for its version once for each step of each lab; Terraform checks that itself, by
  // each stack's required_version.
  const app = new App({ skipValidation: true });
  const mistakes: BadInputError[] = [];
  const students = entries.flatMap((entry) => {
    const { result, mistakes: own } = attemptStacks(app, entry, props);
    mistakes.push(...own.map((mistake) => entry.source?.locate(mistake) ?? mistake));
    return result ?? [];
  });
  return { app, students, labs: students.map((student) => declaredLab(app, student)), mistakes };
}

/** Declares all of a class. @throws BadInputError naming all mistakes */
function declareClass(entries: readonly LabEntry[], found: readonly BadInputError[], props: StudentProps): Declared {
  const declared = declare(entries, props);
  refuseAll([...found, ...declared.mistakes, ...clashes(entries, declared.labs)]);
  return declared;
}

function declaredLab(app: App, student: StudentStacks): DeclaredLab {
  const { lab } = student;
  const { ssh } = lab.host;
  return {
    id: lab.id,
    stacks: stacksOf(student).map((stack) => app.manifest.forStack(stack)),
    folder: ssh && `${ssh.folder} on ${ssh.machine}`,
    ports: portUsers(lab),
  };
}

function attemptStacks(app: App, entry: LabEntry, props: StudentProps) {
  return collectMistakes(() => studentStacks(app, entry, { baseImage: baseImage(), ...props }));
}

/** For stacks that are looked at and thrown away: no lab's folder is made. */
const NOT_KEPT: StudentProps = { pinSecret: "0".repeat(64) };

/** What is wrong in a class: what its file's check found, and what its labs' constructs refuse. Nothing is touched. */
export function classMistakes({ result, mistakes }: InspectedClass): readonly BadInputError[] {
  try {
    withoutStackTraces(() => declareClass(result.labs, mistakes, NOT_KEPT));
    return [];
  } catch (error) {
    if (error instanceof BadInputError) {
      return mistakesIn(error);
    }
    throw error;
  }
}

/** What labs would share with others of the class on one machine, ports or a folder, as mistakes of the former. */
export function clashMistakes(others: readonly LabEntry[], labs: readonly LabEntry[]): readonly BadInputError[] {
  const entries = [...others, ...labs];
  const declared = withoutStackTraces(() => declare(entries, NOT_KEPT));
  const own = new Set(labs.map(({ id }) => id));
  return clashes(entries, declared.labs, (user, other) => own.has(user) && !own.has(other));
}

/** The ports that these labs listen on, and each one's container. @throws BadInputError */
export function publishedPorts(entries: readonly LabEntry[]): { port: number; container: string; address: string }[] {
  const { students } = withoutStackTraces(() => declareClass(entries, [], NOT_KEPT));
  return students.flatMap(({ lab }) =>
    lab.services.flatMap((service) =>
      service.publishedPorts.map(({ external, address }) => ({
        port: external,
        address,
        container: service.containerName,
      })),
    ),
  );
}

/**
 * Every token of cdktf keeps the stack trace of its making, which is a third of a synth's time and is read by nobody.
 * Errors have theirs all the same.
 */
function withoutStackTraces<T>(work: () => T): T {
  // It is handed back as it was, not called.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const before = Error.captureStackTrace;
  Error.captureStackTrace = () => undefined;
  try {
    return work();
  } finally {
    Error.captureStackTrace = before;
  }
}
