import { existsSync } from "node:fs";
import { ask, has, work } from "./run.mjs";

/** Whether this process may install packages here without asking anyone. */
export function canInstall() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version") && has("apt-get");
}

/**
 * Installs Debian packages. The caller says so before.
 *
 * @param {readonly string[]} packages
 * @param {readonly string[]} [whereThere] more packages, of which a release may know nothing
 */
export function install(packages, whereThere = []) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  work("apt-update", "apt-get", ["update", "-q"], { env });
  const known = whereThere.filter((name) => ask("apt-cache", ["show", name]).stdout);
  work("apt-install", "apt-get", ["install", "-qy", "--no-install-recommends", ...packages, ...known], { env });
}
