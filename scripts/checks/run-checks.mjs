import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { REPOSITORY } from "../setup/paths.mjs";

/** @typedef {import("./checks.mjs").Check} Check */

/**
 * Runs checks, as many at a time as there are processors; all of them, whatever comes of the others. Prints a line for
 * each, and what a failed one said.
 *
 * @param {readonly Check[]} checks
 * @param {(text: string) => void} [print]
 * @returns {Promise<string[]>} the names of those that failed
 */
export async function runChecks(checks, print = console.log) {
  const waiting = [...checks];
  /** @type {string[]} */
  const failed = [];
  const width = Math.max(...checks.map(({ name }) => name.length));
  const workers = Array.from({ length: Math.max(2, availableParallelism()) }, async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const began = Date.now();
      const { ok, output } = await run(check);
      const seconds = `${((Date.now() - began) / 1000).toFixed(1)} s`;
      print(`${ok ? "ok    " : "failed"}  ${check.name.padEnd(width)}  ${seconds.padStart(7)}`);
      if (!ok) {
        failed.push(check.name);
        print(indent(output));
      }
    }
  });
  await Promise.all(workers);
  return failed;
}

/**
 * @param {Check} check
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
function run({ command, args }) {
  return new Promise((resolve) => {
    /** @type {Buffer[]} */
    const output = [];
    const child = spawn(command, args, { cwd: REPOSITORY, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (data) => output.push(data));
    child.stderr.on("data", (data) => output.push(data));
    child.once("error", (error) => resolve({ ok: false, output: error.message }));
    child.once("close", (code) => resolve({ ok: code === 0, output: Buffer.concat(output).toString() }));
  });
}

/** @param {string} text */
function indent(text) {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
