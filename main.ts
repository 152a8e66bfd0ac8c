import { App } from "cdktf";
import { BadInputError } from "./platform/checks";
import { localHost } from "./platform/host";
import { PublishedPortsValidation } from "./platform/published-ports";
import { readClass } from "./roster/class-file";
import { baseImage } from "./roster/machine";
import { writeLabFolder } from "./stacks/lab-folder";
import { LabStack } from "./stacks/lab-stack";
import { orphans } from "./stacks/orphans";
import { provideProviders } from "./stacks/stack-folder";

/** Reads the class and synthesizes a stack for each of its labs. */
function main(): void {
  const app = new App();
  const host = localHost();
  const labs = readClass().map(({ id, services }) => {
    const props = { host, services, baseImage: baseImage(), orphans: orphans(id, host) };
    return { ...props, lab: new LabStack(app, id, props).lab };
  });
  app.node.addValidation(new PublishedPortsValidation(labs.map(({ lab }) => lab)));
  app.synth();
  for (const { lab, orphans } of labs) {
    writeLabFolder(lab, orphans);
    provideProviders(app.outdir, lab.id);
  }
}

try {
  main();
} catch (error) {
  if (!(error instanceof BadInputError)) {
    throw error;
  }
  // What somebody wrote is wrong, not the program: the message says all, a stack trace would bury it.
  console.error(error.message);
  process.exitCode = 1;
}
