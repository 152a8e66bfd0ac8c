import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPORTS } from "../setup/paths.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * The counts of each test runner that left a report.
 *
 * @param {string} [folder]
 * @returns {Record<string, Counts>} by the report's name
 */
export function readCounts(folder = REPORTS) {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return Object.fromEntries(
    files
      .filter((file) => /\.(json|xml)$/.test(file))
      .map((file) => {
        const text = readFileSync(join(folder, file), "utf8");
        return [file.replace(/\.\w+$/, ""), file.endsWith(".xml") ? junitCounts(text) : jestCounts(text)];
      }),
  );
}

/** @param {Record<string, Counts>} counts */
export function total(counts) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of Object.values(counts)) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

/**
 * @param {string} text what `jest --json` wrote
 * @returns {Counts}
 */
export function jestCounts(text) {
  const report = JSON.parse(text);
  return {
    passed: report.numPassedTests,
    // A file that can't even be loaded has no tests to count, but it is a failure.
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * @param {string} text what `pytest --junitxml` wrote
 * @returns {Counts}
 */
export function junitCounts(text) {
  const suites = text.match(/<testsuite\s[^>]*>/g) ?? [];
  /** @param {string} attribute */
  const sum = (attribute) =>
    suites.reduce((all, suite) => all + Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(suite)?.[1] ?? 0), 0);
  const failed = sum("failures") + sum("errors");
  const skipped = sum("skipped");
  return { passed: sum("tests") - failed - skipped, failed, skipped };
}
