// npm test: sets up what the tests need, and runs all that need no Docker.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { allChecks } from "./checks/checks.mjs";
import { readCounts } from "./checks/counts.mjs";
import { runChecks } from "./checks/run-checks.mjs";
import { dockerProvider } from "./setup/docker-provider.mjs";
import { npmPackages } from "./setup/npm-packages.mjs";
import { REPORTS } from "./setup/paths.mjs";
import { java, pythonPackages } from "./setup/python.mjs";
import { Refusal, runMain } from "./setup/refusal.mjs";
import { runSteps } from "./setup/steps.mjs";

await runMain(async () => {
  await runSteps([npmPackages, java, pythonPackages, optional(dockerProvider, "`terraform validate` is skipped")]);
  const runners = ["jest", "pytest"];
  for (const file of ["jest.json", "pytest.xml"]) {
    rmSync(join(REPORTS, file), { force: true });
  }
  mkdirSync(REPORTS, { recursive: true });

  console.log();
  const failed = await runChecks(allChecks());

  console.log();
  const counts = readCounts();
  for (const runner of runners) {
    const found = counts[runner];
    console.log(
      `${runner}: ${found ? `${found.passed} tests passed, ${found.failed} failed, ${found.skipped} skipped` : "no tests ran"}`,
    );
  }
  console.log(failed.length > 0 ? `Failed: ${failed.join(", ")}` : "All checks passed.");
  return failed.length > 0 || runners.some((runner) => !counts[runner]?.passed) ? 1 : 0;
});

/**
 * A step that the tests can do without.
 *
 * @param {import("./setup/steps.mjs").Step} step
 * @param {string} without what that means
 * @returns {import("./setup/steps.mjs").Step}
 */
function optional(step, without) {
  return {
    ...step,
    run: async (say) => {
      try {
        return await step.run(say);
      } catch (error) {
        if (!(error instanceof Refusal)) {
          throw error;
        }
        say(error.message);
        return `not there: ${without}`;
      }
    },
  };
}
