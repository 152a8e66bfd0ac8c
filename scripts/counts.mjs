// The closing lines of a whole run: what all test runners that left a report came to, and what failed.
import { readCounts, readFailures, total } from "./checks/counts.mjs";

for (const failure of readFailures()) {
  console.log(`failed: ${failure}`);
}
const counts = readCounts();
for (const [runner, { passed, failed, skipped }] of Object.entries(counts)) {
  console.log(`${runner}: ${passed} tests passed, ${failed} failed, ${skipped} skipped`);
}
const { passed, failed, skipped } = total(counts);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
