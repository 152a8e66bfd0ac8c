import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
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

/**
 * The tests that failed, with the first lines of what each said: whoever sees only the end of a long run reads why.
 *
 * @param {string} [folder]
 * @returns {string[]} one text a test
 */
export function readFailures(folder = REPORTS) {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => jestFailures(readFileSync(join(folder, file), "utf8")));
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

/** Lines of a failure that are shown: its assertion, and the place in the test. */
const LINES = 25;

/**
 * @param {string} text what `jest --json` wrote
 * @returns {string[]} one text a failed test
 */
export function jestFailures(text) {
  /** @type {{ name: string, message: string, assertionResults: { status: string, fullName: string, failureMessages: string[] }[] }[]} */
  const suites = JSON.parse(text).testResults ?? [];
  return suites.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => `${fullName}\n${firstLines(failureMessages.join("\n"))}`);
    return assertionResults.length === 0 && message ? [`${name}\n${firstLines(message)}`] : failed;
  });
}

/** @param {string} text */
function firstLines(text) {
  return stripVTControlCharacters(text)
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.includes("node_modules"))
    .slice(0, LINES)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");
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
