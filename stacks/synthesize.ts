import { App } from "cdktf";
import { resolve } from "node:path";
import { BadInputError } from "../platform/checks";
import { PublishedPortsValidation } from "../platform/published-ports";
import { baseImage } from "../roster/machine";
import type { LabEntry } from "../roster/class-file";
import { setAsideGoneLabs } from "./gone-droplets";
import { findOrphans } from "./orphans";
import { provideProviders } from "./stack-folder";
import { labHost, StudentStacks, studentStacks, writeStudentFolder } from "./student-stacks";

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
}

/**
 * Synthesizes the stacks of these labs into the app's folder, and writes each lab's own folder.
 *
 * @throws BadInputError
 */
export async function synthesize(
  entries: readonly LabEntry[],
  { manifest = true }: SynthesizeOptions = {},
): Promise<SynthesizedLab[]> {
  const onDroplets = entries.filter(({ target }) => target?.kind === "digitalocean");
  await setAsideGoneLabs(
    onDroplets.map(({ id }) => id),
    (message) => console.error(message),
  );
  const orphans = await findOrphans(entries.map((entry) => ({ id: entry.id, host: labHost(entry) })));
  const { outdir, students } = withoutStackTraces(() => {
    // cdktf's validations ask Terraform for its version once for each step of each lab; Terraform checks that itself,
    // by each stack's required_version.
    const app = new App({ skipValidation: true });
    const students = entries.map((entry) =>
      studentStacks(app, entry, { baseImage: baseImage(), orphans: orphans.get(entry.id) }),
    );
    checkPorts(students);
    if (!manifest) {
      app.manifest.writeToFile = () => undefined;
    }
    app.synth();
    return { outdir: app.outdir, students };
  });
  for (const student of students) {
    writeStudentFolder(student);
    for (const stack of [student.labStack, student.dropletStack]) {
      if (stack) {
        provideProviders(outdir, stack.node.id);
      }
    }
  }
  return students.map(({ lab, labStack, dropletStack }) => ({
    id: lab.id,
    stacks: [dropletStack, labStack].flatMap((stack) => (stack ? [resolve(outdir, "stacks", stack.node.id)] : [])),
  }));
}

function checkPorts(students: readonly StudentStacks[]): void {
  const problems = new PublishedPortsValidation(students.map(({ lab }) => lab)).validate();
  if (problems.length > 0) {
    throw new BadInputError("host ports", problems.join("\n"));
  }
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
