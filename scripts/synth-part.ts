/** Synthesizes a part of the class, for the process that has declared all of it; see stacks/synth-helpers.ts. */
import { readFileSync } from "node:fs";
import { inspectClass } from "../roster/class-file";
import type { Part } from "../stacks/synth-helpers";
import { synthesizePart } from "../stacks/synthesize";
import { fail, failWith } from "./fail";

const STANDARD_INPUT = 0;

try {
  const { result } = inspectClass();
  const text = readFileSync(STANDARD_INPUT, "utf8");
  if (text) {
    const onHost = new Map(JSON.parse(text) as Part);
    const labs = result.labs.filter(({ id }) => onHost.has(id));
    if (labs.length < onHost.size) {
      fail("the class file was changed while the class was synthesized.");
    }
    synthesizePart(labs, onHost);
  }
} catch (error) {
  failWith(error);
}
