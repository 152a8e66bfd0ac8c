import { existsSync, readFileSync, statfsSync } from "node:fs";
import { Refusal } from "./refusal.mjs";
import { ask } from "./run.mjs";

const MIN_MEMORY_GIB = 3;
const MIN_DISK_GIB = 8;
const FEW_DISK_GIB = 12;
/** What a lab that is there already still needs to be mended or updated. */
const MIN_DISK_GIB_AGAIN = 1;

const GIB = 1024 ** 3;

/**
 * What the engine has left, in GiB; what can't be known from here is undefined.
 *
 * @typedef {object} Capacity
 * @property {number} [memoryGiB]
 * @property {number} [diskGiB]
 * @property {string} folder the engine's
 */

/** @returns {Capacity} */
export function capacity() {
  const [total = "0", folder = ""] = ask("docker", [
    "info",
    "--format",
    "{{.MemTotal}}\n{{.DockerRootDir}}",
  ]).stdout.split("\n");
  // Where the engine is in a machine of its own (Docker Desktop), this one's figures say nothing about it.
  if (process.platform !== "linux" || !existsSync(folder)) {
    return { memoryGiB: Number(total) / GIB || undefined, folder };
  }
  const { bavail, bsize } = statfsSync(folder);
  return { memoryGiB: availableGiB(readFileSync("/proc/meminfo", "utf8")), diskGiB: (bavail * bsize) / GIB, folder };
}

/** @param {string} meminfo as in /proc/meminfo */
export function availableGiB(meminfo) {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024 ** 2;
}

/**
 * Refuses too little memory or disk.
 *
 * @param {Capacity} left
 * @param {boolean} again the lab is there already, and has what it needs
 * @returns {string[]} warnings
 */
export function checkCapacity({ memoryGiB, diskGiB, folder }, again) {
  if (memoryGiB !== undefined && !again && memoryGiB < MIN_MEMORY_GIB) {
    throw new Refusal(
      `Only ${memoryGiB.toFixed(1)} GiB of memory are free; a lab needs ${MIN_MEMORY_GIB} GiB.`,
      "End other programs or labs, or give Docker more memory, then try again.",
    );
  }
  const minDisk = again ? MIN_DISK_GIB_AGAIN : MIN_DISK_GIB;
  if (diskGiB !== undefined && diskGiB < minDisk) {
    throw new Refusal(
      `Only ${diskGiB.toFixed(1)} GiB are free in ${folder}; the lab's images and data need ${minDisk} GiB.`,
      "Delete what is not needed (docker system df shows what Docker has), then try again.",
    );
  }
  return diskGiB !== undefined && !again && diskGiB < FEW_DISK_GIB
    ? [`only ${diskGiB.toFixed(1)} GiB are free in ${folder}; ${FEW_DISK_GIB} GiB leave room for a class's data`]
    : [];
}
