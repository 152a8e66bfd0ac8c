import { spawnSync } from "node:child_process";
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { LOGS } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";

/**
 * @typedef {object} Answer
 * @property {boolean} ok it ended with 0
 * @property {boolean} missing there is no such command
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] more variables than this process has
 * @property {number} [timeoutSeconds]
 */

/**
 * Asks a command something that is quick to answer.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Answer}
 */
export function ask(command, args, { cwd, env, timeoutSeconds = 20 } = {}) {
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutSeconds * 1000,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = /** @type {NodeJS.ErrnoException | undefined} */ (done.error)?.code;
  const late = code === "ETIMEDOUT" ? `${command} did not answer within ${timeoutSeconds} s` : "";
  return {
    ok: done.status === 0,
    missing: code === "ENOENT",
    stdout: (done.stdout ?? "").trim(),
    stderr: (done.stderr ?? "").trim() || late,
  };
}

/**
 * Runs a command that takes its time. What it prints goes to a log, and on a failure its last lines into the refusal.
 *
 * @param {string} name the log's name
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function work(name, command, args, { cwd, env, timeoutSeconds = 1800 } = {}) {
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `${name}.log`);
  const file = openSync(log, "w");
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    timeout: timeoutSeconds * 1000,
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  if (done.status === 0) {
    return;
  }
  const code = /** @type {NodeJS.ErrnoException | undefined} */ (done.error)?.code;
  const how =
    code === "ENOENT"
      ? "is not installed"
      : code === "ETIMEDOUT"
        ? `was not done after ${timeoutSeconds} s`
        : `failed (${done.signal ?? `exit code ${done.status}`})`;
  throw new Refusal(`${[command, ...args].join(" ")} ${how}. The end of ${log}:`, lastLines(readFileSync(log, "utf8")));
}

/**
 * The last lines of a text that say something, indented.
 *
 * @param {string} text
 * @param {number} [count]
 */
export function lastLines(text, count = 12) {
  const lines = text.split(/\r?\n|\r/).filter((line) => line.trim());
  return lines
    .slice(-count)
    .map((line) => `  ${line}`)
    .join("\n");
}

/**
 * Whether there is such a command on the PATH.
 *
 * @param {string} command
 */
export function has(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}
