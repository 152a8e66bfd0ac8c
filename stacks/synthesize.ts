import { App, TerraformStack } from "cdktf";
import { resolve } from "node:path";
import { BadInputError, collectMistakes, mistakesIn, refuseAll } from "../platform/checks";
import { Lab, OnHost } from "../platform/lab";
import { portClashes, PortUser } from "../platform/published-ports";
import { writeStepsProgram } from "../platform/steps-program";
import { baseImage } from "../roster/machine";
import type { InspectedClass, LabEntry } from "../roster/class-file";
import { setAsideGoneLabs } from "./gone-droplets";
import { findOnHosts } from "./on-host";
import { provideProviders } from "./stack-folder";
import { parts, SynthHelper } from "./synth-helpers";
import { StudentProps, StudentStacks, studentStacks, writeStudentFolder } from "./student-stacks";

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
  const { app, students } = withoutStackTraces(() => declare(entries, found));
  const onDroplets = entries.filter(({ target }) => target?.kind === "digitalocean");
  await setAsideGoneLabs(onDroplets, (message) => console.error(message));
  const states = new Map(entries.map(({ id, state }) => [id, state]));
  const labs = students.map(({ lab: { id, host } }) => ({ id, host, state: states.get(id) }));
  const [onHost] = await Promise.all([findOnHosts(labs), writeStepsProgram()]);
  const [own = [], ...others] = parts(students, helpers.length);
  await Promise.all(
    helpers.map((helper, index) => helper.begin(others[index]!.map(({ lab: { id } }) => [id, onHost.get(id)!]))),
  );
  for (const stack of others.flat().flatMap(stacksOf)) {
    app.manifest.forStack(stack);
    app.node.tryRemoveChild(stack.node.id);
  }
  write({ app, students: own }, onHost, manifest);
  await Promise.all(helpers.map((helper) => helper.done()));
  return students.map((student) => ({
    id: student.lab.id,
    stacks: stacksOf(student).map((stack) => resolve(app.outdir, "stacks", stack.node.id)),
  }));
}

/** Synthesizes labs that have been found to be right, and of which all is known; writes no manifest. */
export function synthesizePart(entries: readonly LabEntry[], onHost: ReadonlyMap<string, OnHost>): void {
  write(
    withoutStackTraces(() => declare(entries, [])),
    onHost,
    false,
  );
}

function write({ app, students }: Declared, onHost: ReadonlyMap<string, OnHost>, manifest: boolean): void {
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
}

function declare(entries: readonly LabEntry[], found: readonly BadInputError[], props: StudentProps = {}): Declared {
  // cdktf's validations ask Terraform for its version once for each step of each lab; Terraform checks that itself, by
  // each stack's required_version.
  const app = new App({ skipValidation: true });
  const mistakes = [...found];
  const students = entries.flatMap((entry) => {
    const { result, mistakes: own } = attemptStacks(app, entry, props);
    mistakes.push(...own.map((mistake) => entry.source?.locate(mistake) ?? mistake));
    return result ?? [];
  });
  mistakes.push(...clashes(entries, students));
  refuseAll(mistakes);
  return { app, students };
}

function attemptStacks(app: App, entry: LabEntry, props: StudentProps) {
  return collectMistakes(() => studentStacks(app, entry, { baseImage: baseImage(), ...props }));
}

/** For stacks that are looked at and thrown away: no lab's folder is made. */
const NOT_KEPT: StudentProps = { pinSecret: "0".repeat(64) };

/** What is wrong in a class: what its file's check found, and what its labs' constructs refuse. Nothing is touched. */
export function classMistakes({ result, mistakes }: InspectedClass): readonly BadInputError[] {
  try {
    withoutStackTraces(() => declare(result.labs, mistakes, NOT_KEPT));
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
  const app = new App({ skipValidation: true });
  const entries = [...others, ...labs];
  const students = withoutStackTraces(() =>
    entries.flatMap((entry) => attemptStacks(app, entry, NOT_KEPT).result ?? []),
  );
  const own = new Set(labs.map(({ id }) => id));
  return clashes(entries, students, (user, other) => own.has(user) && !own.has(other));
}

/** The ports that these labs listen on, and each one's container. @throws BadInputError */
export function publishedPorts(entries: readonly LabEntry[]): { port: number; container: string; address: string }[] {
  const { students } = withoutStackTraces(() => declare(entries, [], NOT_KEPT));
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

/** Something that two labs would have both. */
interface Clash {
  /** The later of the two. */
  readonly lab: string;
  readonly other: string;
  /** The later one's. */
  readonly mistake: BadInputError;
}

type Sources = ReadonlyMap<string, LabEntry["source"]>;

/** @param counts whether a lab is told of another, which comes before it */
function clashes(
  entries: readonly LabEntry[],
  students: readonly StudentStacks[],
  counts: (lab: string, other: string) => boolean = () => true,
): BadInputError[] {
  const sources: Sources = new Map(entries.map(({ id, source }) => [id, source]));
  const labs = students.map(({ lab }) => lab);
  return [...foldersTaken(labs, sources), ...portsTaken(labs, sources)]
    .filter(({ lab, other }) => counts(lab, other))
    .map(({ mistake }) => mistake);
}

function foldersTaken(labs: readonly Lab[], sources: Sources): Clash[] {
  const taken = new Map<string, string>();
  return labs.flatMap(({ id, host: { ssh } }) => {
    if (!ssh) {
      return [];
    }
    const folder = `${ssh.folder} on ${ssh.machine}`;
    const other = taken.get(folder);
    if (other === undefined) {
      taken.set(folder, id);
      return [];
    }
    const problem = `the folder ${folder} would be that of two labs, ${other} and ${id}. Give one of them another folder.`;
    return [
      { lab: id, other, mistake: new BadInputError(sources.get(id)?.target(["folder"]) ?? id, problem, ["folder"]) },
    ];
  });
}

function portsTaken(labs: readonly Lab[], sources: Sources): Clash[] {
  const place = ({ service, option }: PortUser): string | undefined =>
    sources.get(Lab.of(service).id)?.service(service.serviceName, [option]);
  return portClashes(labs).map(({ message, user, other }) => {
    const otherPlace = place(other);
    return {
      lab: Lab.of(user.service).id,
      other: Lab.of(other.service).id,
      mistake: new BadInputError(place(user) ?? "host ports", message(otherPlace && ` at ${otherPlace}`)),
    };
  });
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
