import fc from "fast-check";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { inspectClass } from "../../roster/class-file";
import { helpersFor, parts } from "../../stacks/synth-helpers";
import { synthesize } from "../../stacks/synthesize";

// Other work on the machine must not fail it.
jest.setTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "synth-helpers-"));
const IDS = Array.from({ length: 7 }, (_, index) => `helped-by-a-test-${index}`);
const classFile = join(folder, "class.yaml");

beforeAll(() => {
  const students = IDS.map((id, index) => ({
    id,
    services: {
      mids: { gameApiPort: 17200 + 3 * index },
      spark: { jupyterPort: 17201 + 3 * index },
      home: { webPort: 17202 + 3 * index },
    },
  }));
  writeFileSync(classFile, JSON.stringify({ students }));
  process.env.CLASS_FILE = classFile;
});

afterAll(() => {
  delete process.env.CLASS_FILE;
  delete process.env.CDKTF_OUTDIR;
  [folder, ...IDS.map(labFolder)].forEach((one) => rmSync(one, { recursive: true, force: true }));
});

/** All files below a folder, by their paths; what is linked there is not of the synth. */
function files(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(root, path), readFileSync(path, "utf8")]));
}

async function synthesized(helpers: number): Promise<{ stacks: unknown; labs: unknown; out: unknown }> {
  const outdir = join(folder, "out");
  process.env.CDKTF_OUTDIR = outdir;
  const stacks = await synthesize(inspectClass().result.labs, { helpers });
  const written = { stacks, labs: IDS.map((id) => files(labFolder(id))), out: files(outdir) };
  rmSync(outdir, { recursive: true });
  return written;
}

test("with helpers, a class's synth writes what it writes without", async () => {
  const alone = await synthesized(0);
  expect(await synthesized(2)).toEqual(alone);
});

test("with helpers, all that is wrong in a class is found: in each part, and between them", async () => {
  const lab = (id: string, port: number, more = ""): string =>
    `  - { id: ${id}, services: { mids: { gameApiPort: ${port} }, spark: { jupyterPort: ${port + 1} }, ` +
    `home: { webPort: ${port + 2}${more} } } }`;
  const text = [
    "students:",
    lab(IDS[0]!, 17300),
    lab(IDS[1]!, 17310, ", memoryMiB: 1"),
    lab(IDS[2]!, 17300),
    lab(IDS[3]!, 17320, ", color: red"),
    "  - { id: ann, target: { digitalocean: { region: sfo3, size: s-4vcpu-8gb } } }",
    lab("ann-droplet", 17330),
  ];
  writeFileSync(join(folder, "wrong.yaml"), text.join("\n"));
  process.env.CLASS_FILE = join(folder, "wrong.yaml");
  process.env.CDKTF_OUTDIR = join(folder, "out");
  const { result, mistakes: found } = inspectClass();
  const messageWith = (helpers: number): Promise<string> =>
    synthesize(result.labs, { found, helpers }).then(
      () => "nothing",
      ({ message }: Error) => message,
    );
  const alone = await messageWith(0);
  for (const mistake of [/memoryMiB is 1;/, /unknown option "color"/, /host port 17300/, /the name "ann-droplet"/]) {
    expect(alone).toMatch(mistake);
  }
  expect((await messageWith(2)).split("\n").sort()).toEqual(alone.split("\n").sort());
  process.env.CLASS_FILE = classFile;
});

test("a helper that fails fails the synth", async () => {
  const labs = inspectClass().result.labs;
  process.env.CDKTF_OUTDIR = join(folder, "out");
  // It reads another class than the one that was declared.
  process.env.CLASS_FILE = join(folder, "none.yaml");
  await expect(synthesize(labs, { helpers: 1 })).rejects.toThrow("a part of the class was not synthesized");
  process.env.CLASS_FILE = classFile;
});

test("no helper for a class that is synthesized before it would have started, nor on one processor", () => {
  expect([helpersFor(30, 8), helpersFor(1000, 1), helpersFor(1000, 2), helpersFor(1000, 64)]).toEqual([0, 0, 1, 3]);
});

test("each lab is in one part, in the class's order, and the parts are of one size", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 0, max: 3 }), (all, helpers) => {
      const cut = parts(all, helpers);
      expect(cut.flat()).toEqual(all);
      expect(cut).toHaveLength(helpers + 1);
      const sizes = cut.map(({ length }) => length);
      expect(sizes[0]! - Math.min(...sizes)).toBeLessThanOrEqual(helpers);
      expect(Math.max(...sizes)).toBe(sizes[0]);
    }),
  );
});
