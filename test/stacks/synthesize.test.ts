import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import type { LabEntry } from "../../roster/class-file";
import { orphansFile } from "../../stacks/orphans";
import { synthesize } from "../../stacks/synthesize";
import { studentStacks, writeStudentFolder } from "../../stacks/student-stacks";
import { App } from "cdktf";

const outdir = mkdtempSync(join(tmpdir(), "synthesize-"));
const LABS = ["synthesized-by-a-test-1", "synthesized-by-a-test-2"];

/** A lab on ports of its own. */
function entry(id: string, port: number): LabEntry {
  return { id, services: { mids: { gameApiPort: port }, spark: { jupyterPort: port + 1 } } };
}

beforeAll(() => {
  process.env.CDKTF_OUTDIR = outdir;
});

afterAll(() => {
  delete process.env.CDKTF_OUTDIR;
  rmSync(outdir, { recursive: true });
  LABS.forEach((id) => rmSync(labFolder(id), { recursive: true, force: true }));
});

function stack(id: string): string {
  return readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8");
}

test("another student beside one changes nothing of one's stack", async () => {
  await synthesize([entry(LABS[0]!, 17100)]);
  expect(readdirSync(join(outdir, "stacks"))).toEqual([LABS[0]]);
  const alone = stack(LABS[0]!);
  await synthesize([entry(LABS[0]!, 17100), entry(LABS[1]!, 17102)]);
  expect(stack(LABS[0]!)).toBe(alone);
});

test("no stack carries the stack traces of its making, and errors still have theirs", async () => {
  expect(stack(LABS[0]!)).not.toContain("stackTrace");
  const error = (await synthesize([{ id: "Bad", services: {} }]).catch((caught: Error) => caught)) as Error;
  expect(error.stack).toContain("synthesize");
  expect(new Error("after").stack).toContain("synthesize.test");
});

test("two labs on one port are refused", async () => {
  await expect(synthesize(LABS.map((id) => entry(id, 17100)))).rejects.toThrow(/host port 17100 .* is taken twice/);
});

test("containers that a deploy is to clear are kept, so that the next synth is the same", () => {
  const student = studentStacks(new App({ outdir }), entry(LABS[0]!, 17100), { orphans: ["aa", "bb"] });
  writeStudentFolder(student);
  expect(readFileSync(orphansFile(LABS[0]!), "utf8")).toBe("aa bb");
});
