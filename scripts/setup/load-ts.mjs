import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { bundle } from "./bundle.mjs";
import { MACHINE, REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";

const require = createRequire(import.meta.url);

/**
 * Puts a TypeScript program of this repository into one file: every deploy runs two or three, and compiling each source
 * as it is loaded takes ten times as long.
 *
 * @param {string} program its path in the repository
 * @returns {Promise<string>} the file
 */
export async function programFile(program) {
  if (!existsSync(join(REPOSITORY, "node_modules"))) {
    throw noPackages();
  }
  const file = join(MACHINE, "programs", `${basename(program, ".ts")}.js`);
  const { packages } = await bundle(program, file, { packages: "external", sourcemap: "inline" });
  // Before there are source maps: those of the packages, which nobody needs, would take a fifth of a second.
  packages.forEach(loadPackage);
  process.setSourceMapsEnabled(true);
  return file;
}

/** @param {string} name */
function loadPackage(name) {
  try {
    require(name);
  } catch (error) {
    // A pull may have brought a need for more than the last set-up installed.
    throw /** @type {NodeJS.ErrnoException} */ (error).code === "MODULE_NOT_FOUND" ? noPackages() : error;
  }
}

function noPackages() {
  return new Refusal("The npm packages are not here, or not all of them.", "Type: npm run setup");
}

/**
 * What a TypeScript program exports.
 *
 * @param {string} program its path in the repository
 * @returns {Promise<any>}
 */
export async function loadTs(program) {
  return require(await programFile(program));
}
