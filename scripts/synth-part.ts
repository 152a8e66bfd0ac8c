/** Synthesizes a part of the class, for the process that has all of it; see stacks/synth-helpers.ts. */
import { inspectClass } from "../roster/class-file";
import type { Part } from "../stacks/synth-helpers";
import { declarePart } from "../stacks/synthesize";
import { fail, failWith } from "./fail";

onMessage((ids: readonly string[]) => {
  const chosen = new Set(ids);
  const labs = inspectClass().result.labs.filter(({ id }) => chosen.has(id));
  if (labs.length < chosen.size) {
    fail("the class file was changed while the class was synthesized.");
  }
  const { report, write } = declarePart(labs);
  process.send!(report);
  onMessage((part: Part) => {
    write(new Map(part));
    process.disconnect();
  });
});

/** Does something with the next message. Without one this process ends with the one that would send it. */
function onMessage<T>(work: (message: T) => void): void {
  process.once("message", (message: T) => {
    try {
      work(message);
    } catch (error) {
      failWith(error);
    }
  });
}
