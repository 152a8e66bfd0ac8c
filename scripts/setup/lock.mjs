import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { MACHINE } from "./paths.mjs";

/**
 * Does a step of the set-up while no other set-up of this repository is at one: `npm test` beside `npm run lab` would
 * take the npm packages from under each other.
 *
 * @template T
 * @param {import("./steps.mjs").Say} say
 * @param {() => T | Promise<T>} step
 * @param {string} [file]
 * @returns {Promise<T>}
 */
export async function withLock(say, step, file = join(MACHINE, "setup.lock")) {
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !take(file); told = true) {
    const holder = readHolder(file);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) {
      say(`another set-up (process ${holder ?? "unknown"}) is at work; waiting for it`);
    }
    await sleep(500);
  }
  try {
    return await step();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") {
      return false;
    }
    throw error;
  }
}

/** @param {string} file */
function readHolder(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
