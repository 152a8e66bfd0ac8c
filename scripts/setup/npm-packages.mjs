import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask, work } from "./run.mjs";

const MIN_NODE = 20;
const NODE_MODULES = join(REPOSITORY, "node_modules");
/** Says which package-lock.json node_modules was installed from. `npm ci` takes it away with the old packages. */
const STAMP = join(NODE_MODULES, ".lab-lock");

/** @type {import("./steps.mjs").Step} */
export const npmPackages = {
  name: "npm packages",
  run(say) {
    checkNode(process.versions.node, process.platform);
    const stamp = createHash("sha256")
      .update(`${process.platform} ${process.arch}\n`)
      .update(readFileSync(join(REPOSITORY, "package-lock.json")))
      .digest("hex");
    if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp) {
      return "there already";
    }
    checkRegistry(ask("npm", ["ping", "--fetch-retries", "0", "--fetch-timeout", "15000"], { timeoutSeconds: 30 }));
    say(`npm ci, about a minute (${existsSync(NODE_MODULES) ? "package-lock.json changed" : "none there yet"})`);
    // --include=dev: a NODE_ENV of production would leave out what the tests need.
    work("npm", "npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], { cwd: REPOSITORY });
    writeFileSync(STAMP, stamp);
    return "installed";
  },
};

/**
 * @param {string} version
 * @param {NodeJS.Platform} platform
 */
export function checkNode(version, platform) {
  if (platform === "win32") {
    throw new Refusal(
      "The lab does not run on Windows itself.",
      "Run it inside WSL 2, with Docker Desktop's WSL support.",
    );
  }
  if (Number(version.split(".")[0]) < MIN_NODE) {
    throw new Refusal(`Node.js ${version} is too old: ${MIN_NODE} or newer is needed.`, "Install a newer Node.js.");
  }
}

/**
 * Refuses an install that would try for minutes to reach a registry that is out of reach.
 *
 * @param {import("./run.mjs").Answer} ping what `npm ping` said; a registry that knows no ping is reached too
 */
export function checkRegistry({ ok, stderr }) {
  const reason = /\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b/.exec(stderr);
  if (!ok && reason) {
    throw new Refusal(
      `npm does not reach its registry (${reason[0]}): this machine has no network, or needs a proxy.`,
      "Connect it, or set the proxy (npm config set proxy http://...), and type the same again.",
    );
  }
}
