import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../bench/harness/part";
import { picture } from "../../bench/harness/picture";
import { report } from "../../bench/harness/report";
import { BENCH_FOLDER, merge, PartResult, readResults } from "../../bench/harness/results";
import { PARTS } from "../../bench/parts";

const rows: Row[] = [
  {
    id: "a",
    what: "destroy",
    unit: "s",
    samples: [3, 4, 5],
    against: { what: "down -v <all>", samples: [2, 2, 2] },
    goal: { ratio: 1.3 },
    note: "with volumes.",
  },
  { id: "b", what: "idle memory", unit: "MiB", samples: [900], goal: { median: 1536 } },
];

function result(busy = 0): PartResult {
  return {
    date: "2026-11-24",
    commit: "abc1234",
    machine: { cpu: "a CPU", cores: 2, memoryGiB: 8, kernel: "6.1" },
    noise: { loadBefore: 0.1, busy },
    versions: { "Node.js": "20" },
    rows,
  };
}

const part = { name: "deploy", about: "What a deploy costs." };

test("the page has a figure's median, spread, ratio and goal, and what it was measured on", () => {
  const page = report([part], { deploy: result() });
  expect(page).toContain("| destroy     | 4 s (3 to 5, 3 runs) | down -v <all> | 2 s (2 to 2, 3 runs) | 2.00  |");
  expect(page).toMatch(/idle memory \| 900 MiB .*\| at most 1536 MiB +\| yes/);
  expect(page).toContain("**no**");
  expect(page).toContain("- destroy: with volumes.");
  expect(page).toContain("2026-11-24, commit abc1234. a CPU, 2 cores, 8 GiB");
  expect(page).not.toContain("not quiet");
});

test("it says so when the machine was not quiet", () => {
  expect(report([part], { deploy: result(0.4) })).toContain("**The machine was not quiet**: 40 %");
});

test("a part that was run alone replaces its own results only", () => {
  const old = { deploy: result(), synth: result(0.1) };
  const merged = merge(old, "synth", result(0.2));
  expect(merged.deploy).toBe(old.deploy);
  expect(merged.synth!.noise.busy).toBe(0.2);
});

test("a picture shows what is compared, and escapes names", () => {
  const svg = picture("deploy", rows);
  expect(svg).toContain("down -v &lt;all&gt;");
  expect(svg).not.toContain("idle memory");
});

test("the committed page is that of the committed results, and each part has a name of its own", () => {
  const names = PARTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const results = readResults();
  expect(names).toEqual(expect.arrayContaining(Object.keys(results)));
  if (readdirSync(BENCH_FOLDER).includes("RESULTS.md")) {
    expect(readFileSync(join(BENCH_FOLDER, "RESULTS.md"), "utf8")).toBe(report(PARTS, results));
  }
});
