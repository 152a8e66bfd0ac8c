import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  jestCounts,
  jestFailures,
  junitCounts,
  readCounts,
  readFailures,
  total,
} from "../../scripts/checks/counts.mjs";
import { runChecks } from "../../scripts/checks/run-checks.mjs";

const JEST = {
  numPassedTests: 7,
  numFailedTests: 1,
  numRuntimeErrorTestSuites: 1,
  numPendingTests: 2,
  numTodoTests: 0,
};
const JUNIT =
  '<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10">';

test("Jest's counts; a file that can't be loaded is a failure", () => {
  expect(jestCounts(JSON.stringify(JEST))).toEqual({ passed: 7, failed: 2, skipped: 2 });
});

test("pytest's counts", () => {
  expect(junitCounts(JUNIT)).toEqual({ passed: 4, failed: 3, skipped: 3 });
});

test("the counts of all reports, and their sum", () => {
  const folder = mkdtempSync(join(tmpdir(), "reports-"));
  writeFileSync(join(folder, "jest.json"), JSON.stringify(JEST));
  writeFileSync(join(folder, "pytest.xml"), JUNIT);
  const counts = readCounts(folder);
  rmSync(folder, { recursive: true });
  expect(Object.keys(counts)).toEqual(["jest", "pytest"]);
  expect(total(counts)).toEqual({ passed: 11, failed: 5, skipped: 5 });
  expect(total(readCounts(folder))).toEqual({ passed: 0, failed: 0, skipped: 0 });
});

test("each failed test of Jest's with what it said; a file that can't be loaded as well", () => {
  const passed = { status: "passed", fullName: "fine", failureMessages: [] };
  const failed = {
    status: "failed",
    fullName: "a lab comes up",
    failureMessages: [
      "\u001b[31mError: not ready\u001b[39m\n\n    at it (test/lab.ts:3)\n    at run (/x/node_modules/jest/run.js:1)",
    ],
  };
  const report = JSON.stringify({
    testResults: [
      { name: "lab.ts", message: "all of it", assertionResults: [passed, failed] },
      { name: "cut.ts", message: "SyntaxError: cut", assertionResults: [] },
      { name: "good.ts", message: "", assertionResults: [passed] },
    ],
  });
  expect(jestFailures(report)).toEqual([
    "a lab comes up\n    Error: not ready\n        at it (test/lab.ts:3)",
    "cut.ts\n    SyntaxError: cut",
  ]);
  const folder = mkdtempSync(join(tmpdir(), "reports-"));
  writeFileSync(join(folder, "e2e.json"), report);
  writeFileSync(join(folder, "pytest.xml"), JUNIT);
  expect(readFailures(folder)).toHaveLength(2);
  rmSync(folder, { recursive: true });
});

test("all checks run; only the output of those that failed is shown", async () => {
  const printed: string[] = [];
  const sh = (name: string, script: string) => ({ name, command: "sh", args: ["-c", script] });
  const failed = await runChecks(
    [
      sh("bad", "echo why; echo how >&2; exit 2"),
      sh("good", "echo fine"),
      { name: "none", command: "no-such-command", args: [] },
    ],
    (text) => printed.push(text),
  );
  expect(failed.sort()).toEqual(["bad", "none"]);
  const text = printed.join("\n");
  expect(text).toMatch(/^failed {2}bad +\d+\.\d s\n {4}why\n {4}how$/m);
  expect(text).toMatch(/^ok {6}good/m);
  expect(text).not.toContain("fine");
  expect(text).toMatch(/no-such-command/);
});
