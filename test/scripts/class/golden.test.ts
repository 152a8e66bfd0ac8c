import fc from "fast-check";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { GoldenImage, goldenName, isGolden } from "../../../platform/golden-images";
import { requestDigitalOcean } from "../../../platform/steps/account";
import { parseClass } from "../../../roster/class-file";
import { builderOf, makeGolden } from "../../../scripts/class/golden-image";
import { classCost } from "../../../scripts/class/class-cost";
import { costText } from "../../../scripts/class/cost";
import { examine, imageCheck } from "../../../scripts/class/doctor-checks";
import { lookForLeftovers, proofText } from "../../../scripts/class/leftovers";
import { TABLE } from "../../../scripts/class/prices";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";

// Other work on the machine must not fail it.
jest.setTimeout(60_000);

const CLASS = [
  "name: w205",
  "target: { digitalocean: { size: s-8vcpu-16gb, backups: true, studentKeyFiles: [keys/a.pub], image: 7 } }",
  "students: [{ id: alice }, { id: bob, target: { digitalocean: { size: s-4vcpu-8gb } } }]",
].join("\n");
const wholeClass = parseClass("class.yaml", CLASS);

/** Not a real builder's: its folder is deleted. */
const BUILDER = "built-by-a-test";

let api: StandInDigitalOcean;
const before = { ...process.env };
const state = join(labFolder(BUILDER), "droplet.tfstate");

beforeEach(async () => {
  api = await StandInDigitalOcean.start({ token: "token-of-a-test" });
  Object.assign(process.env, api.environment);
  rmSync(labFolder(BUILDER), { recursive: true, force: true });
});

afterEach(async () => {
  process.env = { ...before };
  await api.stop();
  rmSync(labFolder(BUILDER), { recursive: true, force: true });
});

/** What Terraform does with the builder's droplet, by the API. */
async function terraform(verb: string, stacks: readonly string[]): Promise<void> {
  const known = existsSync(state) ? /"id":"(\d+)"/.exec(readFileSync(state, "utf8"))?.[1] : undefined;
  if (verb === "apply" && (known === undefined || !api.droplets.has(known))) {
    const tags = ["fullstack-lab", "class:w205", `student:${BUILDER}`];
    const body = { name: `lab-${BUILDER}`, size: "s-4vcpu-8gb", region: "nyc3", image: "debian-12-x64", tags };
    const made = await requestDigitalOcean<{ droplet: { id: number } }>("/v2/droplets", { method: "POST", body });
    const id = String(made!.droplet.id);
    mkdirSync(labFolder(BUILDER), { recursive: true });
    writeFileSync(
      state,
      JSON.stringify({ resources: [{ type: "digitalocean_droplet", instances: [{ attributes: { id } }] }] }),
    );
  } else if (verb === "destroy" && stacks.includes("droplet")) {
    await requestDigitalOcean(`/v2/droplets/${known}`, { method: "DELETE" });
    writeFileSync(state, JSON.stringify({ resources: [] }));
  }
}

/** Makes an image; `fail` may break any of its steps. */
function make(steps: string[] = [], fail: (step: string) => void = () => undefined): Promise<GoldenImage> {
  const done = async (step: string, work: () => Promise<void>): Promise<void> => {
    steps.push(step);
    fail(`before ${step}`);
    await work();
    fail(`after ${step}`);
  };
  return makeGolden({
    builder: { ...builderOf(wholeClass), id: BUILDER },
    lab: { id: BUILDER, stacks: ["droplet", "lab"] },
    pollSeconds: 0.001,
    say: () => undefined,
    terraform: (verb, stacks) => done(`${verb} ${stacks.join(" ")}`, () => terraform(verb, stacks)),
    clear: () => done("clear", () => Promise.resolve()),
  });
}

test("the builder is the lab of the smallest disk, without what is one student's", () => {
  expect(builderOf(wholeClass)).toMatchObject({
    id: "golden",
    target: { kind: "digitalocean", options: { size: "s-4vcpu-8gb", className: "w205" } },
  });
  expect(Object.keys(builderOf(wholeClass).target.options).sort()).toEqual(["className", "size"]);
  expect(() => builderOf(parseClass("class.yaml", "students: [{ id: alice }]"))).toThrow(
    "class.yaml: nobody has a droplet",
  );
  expect(() =>
    builderOf(parseClass("class.yaml", "students: [{ id: al, target: { digitalocean: { dataVolumeGiB: 50 } } }]")),
  ).toThrow("every droplet keeps Docker's images on a volume");
  expect(() => builderOf(parseClass("class.yaml", "students: [{ id: golden, target: digitalocean }]"))).toThrow(
    'a student has the id "golden"',
  );
});

test("a golden image's name says of which class it is", () => {
  const name = goldenName("w205-fall", new Date("2026-11-24T15:04:05.678Z"));
  expect(name).toBe("fullstack-lab-golden-w205-fall-20261124T150405Z");
  expect([isGolden(name), isGolden(name, "w205-fall"), isGolden(name, "w205"), isGolden("before the exam")]).toEqual([
    ...[true, true, false, false],
  ]);
});

test("the lab comes up once, is taken away, the machine is cleared, switched off, kept and destroyed", async () => {
  const steps: string[] = [];
  const image = await make(steps);
  expect(steps).toEqual(["apply droplet lab", "destroy lab", "clear", "destroy droplet"]);
  expect(image).toMatchObject({ id: [...api.snapshots.keys()][0], gib: 3.5 });
  const asked = api.requests.filter((request) => request.startsWith("POST"));
  expect(asked).toHaveLength(3); // The droplet, its shutdown, its snapshot.
  expect(api.droplets.size).toBe(0);
});

test("whatever fails, the same command goes on to one image and no builder", async () => {
  const places = ["apply droplet lab", "destroy lab", "clear", "destroy droplet"].flatMap((step) => [
    `before ${step}`,
    `after ${step}`,
  ]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("snapshot", ...places), { maxLength: 4 }), async (failures) => {
      api.snapshots.clear();
      const left = failures.filter((one) => one !== "snapshot");
      api.actions.failing = failures.length - left.length;
      const fail = (step: string): void => {
        if (left[0] === step) {
          left.shift();
          throw new Error(step);
        }
      };
      let image: GoldenImage | undefined;
      for (let tries = 0; !image && tries <= failures.length + 1; tries++) {
        image = await make([], fail).catch(() => undefined);
      }
      expect(image).toBeDefined();
      expect(api.droplets.size).toBe(0);
      // One whose builder was there still when the destroy said that it failed is made once more, and is told of.
      expect(api.snapshots.size).toBeLessThanOrEqual(
        1 + failures.filter((one) => one === "after destroy droplet").length,
      );
    }),
    { numRuns: 15 },
  );
});

test("a snapshot that an interrupted run has begun is waited for, and not made twice", async () => {
  const fetched = globalThis.fetch;
  // The API hears it, and its answer is lost.
  jest.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const answer = await fetched(url, init);
    if (JSON.stringify(init?.body ?? "").includes("snapshot")) {
      throw new Error("cut off");
    }
    return answer;
  });
  await expect(make()).rejects.toThrow("cut off");
  jest.restoreAllMocks();
  expect([api.droplets.size, api.snapshots.size]).toEqual([1, 1]);
  await make();
  expect([api.droplets.size, api.snapshots.size]).toEqual([0, 1]);
});

test("a class's golden images are in its cost and its proof, and in nobody's leftovers", async () => {
  const { id, name } = await make();
  const cost = await classCost(wholeClass.labs, { prices: TABLE });
  expect(cost.goldenImages).toMatchObject([{ id, anHour: (3.5 * 0.06) / 672, untilExpiry: undefined }]);
  expect(costText(cost)).toContain(name);
  const places = ["alice", BUILDER].map((lab) => ({ lab, kind: "digitalocean" as const, className: "w205" }));
  const proofs = await lookForLeftovers(places);
  expect(proofs.flatMap(({ leftovers }) => leftovers)).toEqual([]);
  expect(proofText(proofs)).toContain(`Kept for the class, and billed: ${name}. To delete: npm run class -- golden`);
});

test("doctor says which image droplets boot from, or why they can't", async () => {
  const { id, name } = await make();
  const check = (options: string): ReturnType<typeof examine> => {
    const text = `students: [{ id: alice, target: { digitalocean: { ${options} } } }]`;
    return examine(imageCheck(parseClass("class.yaml", text).labs));
  };
  expect(await check("")).toEqual([]);
  expect(await check(`image: ${id}`)).toEqual([{ name: "droplets' image", ok: true, message: name }]);
  expect((await check(`image: ${id}, region: fra1`))[0]!.message).toContain(
    "is in nyc3, and the droplet's region is fra1",
  );
  expect((await check(`image: ${id}, size: s-2vcpu-4gb`))[0]!.message).toContain("needs a disk of 160 GiB");
  expect((await check("image: 1"))[0]!.message).toContain("has no such snapshot. npm run class -- golden makes one");
});
