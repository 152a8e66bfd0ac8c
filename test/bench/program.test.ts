import { spawnSync } from "node:child_process";
import { PARTS } from "../../bench/parts";
import { REPOSITORY } from "../../platform/repository";

// Other work on the machine must not fail it.
jest.setTimeout(60_000);

function bench(...words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--import", "tsx", "bench/bench.ts", ...words], {
    cwd: REPOSITORY,
    encoding: "utf8",
  });
}

test("--help says the options and the parts", () => {
  const { status, stdout } = bench("--help");
  expect(status).toBe(0);
  expect(stdout).toContain("--check");
  PARTS.forEach(({ name }) => expect(stdout).toContain(`\n  ${name}`));
});

test.each([
  [["--foo"], "error: unknown option '--foo'"],
  [["snth"], 'There is no part "snth". Did you mean "synth"?'],
  [["synth", "--runs", "0"], "Allowed is a whole number from 1 to 100."],
])("%j is refused in words, before anything is measured", (words, message) => {
  const { status, stdout, stderr } = bench(...words);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("    at ");
  expect(stdout).toBe("");
});
