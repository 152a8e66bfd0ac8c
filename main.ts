import { App } from "cdktf";
import { BadInputError } from "./platform/checks";
import { PublishedPortsValidation } from "./platform/published-ports";
import { readClass } from "./roster/class-file";
import { baseImage } from "./roster/machine";
import { setAsideGoneLabs } from "./stacks/gone-droplets";
import { findOrphans } from "./stacks/orphans";
import { provideProviders } from "./stacks/stack-folder";
import { labHost, studentStacks, writeStudentFolder } from "./stacks/student-stacks";

/** Reads the class and synthesizes the stacks of each of its students. */
async function main(): Promise<void> {
  const app = new App();
  const entries = readClass();
  const onDroplets = entries.filter(({ target }) => target?.kind === "digitalocean");
  await setAsideGoneLabs(
    onDroplets.map(({ id }) => id),
    (message) => console.error(message),
  );
  const orphans = await findOrphans(entries.map((entry) => ({ id: entry.id, host: labHost(entry) })));
  const students = entries.map((entry) =>
    studentStacks(app, entry, { baseImage: baseImage(), orphans: orphans.get(entry.id) }),
  );
  app.node.addValidation(new PublishedPortsValidation(students.map(({ lab }) => lab)));
  app.synth();
  for (const student of students) {
    writeStudentFolder(student);
    for (const stack of [student.labStack, student.dropletStack]) {
      if (stack) {
        provideProviders(app.outdir, stack.node.id);
      }
    }
  }
}

main().catch((error: unknown) => {
  // What somebody wrote is wrong, not the program: the message says all, a stack trace would bury it.
  console.error(error instanceof BadInputError ? error.message : error);
  process.exitCode = 1;
});
