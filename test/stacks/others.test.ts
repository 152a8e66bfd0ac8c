import { App, Testing } from "cdktf";
import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { labFolder } from "../../platform/lab-files";
import { parseClass } from "../../roster/class-file";
import { dropletStackId, studentStacks } from "../../stacks/student-stacks";

const folder = mkdtempSync(join(tmpdir(), "others-"));
const keyFile = join(folder, "operator.pub");
writeFileSync(keyFile, `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)} operator\n`);

const IDS = ["others-a", "others-b", "others-c"];

afterAll(() => {
  rmSync(folder, { recursive: true });
  IDS.forEach((id) => rmSync(labFolder(id), { recursive: true, force: true }));
});

/** What Terraform reads of each stack of a class, by the stack's name. */
function stacksOf(students: readonly object[], shared: object): Map<string, string> {
  const { labs } = parseClass("class.yaml", stringify({ ...shared, students }));
  const app = Testing.stubVersion(new App({ outdir: join(folder, "out"), stackTraces: false }));
  return new Map(
    labs.flatMap((entry) => {
      const { labStack, dropletStack } = studentStacks(app, entry);
      const stacks: [string, string][] = [[entry.id, Testing.synth(labStack)]];
      return dropletStack ? [...stacks, [dropletStackId(entry.id), Testing.synth(dropletStack)]] : stacks;
    }),
  );
}

const own = fc.constantFrom<object>(
  {},
  { target: "local" },
  { target: { digitalocean: { operatorKeyFile: keyFile, region: "fra1" } } },
  { services: { kafka: { heapMiB: 170 }, mids: { gameApiPort: 17300 } } },
  { expires: "2099-01-01" },
);
const shared = fc.constantFrom<object>(
  { name: "w205" },
  { target: { digitalocean: { operatorKeyFile: keyFile } }, expires: "2099-12-20" },
  { state: { s3: { bucket: "states" } }, defaults: { spark: { driverMemoryMiB: 600 } } },
);

test("students more or less, in any order, change nothing of another's stacks", () => {
  const students = fc.array(own, { minLength: IDS.length, maxLength: IDS.length });
  const order = fc.shuffledSubarray([...IDS.keys()], { minLength: 1 });
  fc.assert(
    fc.property(students, shared, order, (options, wide, chosen) => {
      const student = (index: number): object => ({ id: IDS[index], ...options[index] });
      const all = stacksOf([...IDS.keys()].map(student), wide);
      for (const [stack, text] of stacksOf(chosen.map(student), wide)) {
        expect(all.get(stack)).toBe(text);
      }
    }),
    { numRuns: 6 },
  );
}, 120_000);
