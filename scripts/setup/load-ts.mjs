import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { bundle } from "./bundle.mjs";
import { MACHINE } from "./paths.mjs";

const require = createRequire(import.meta.url);

/**
 * Puts a TypeScript program of this repository into one file: every deploy runs two or three, and finding and compiling
 * each source and package as it is loaded takes a second.
 *
 * @param {string} program its path in the repository
 * @returns {Promise<string>} the file
 */
export async function programFile(program) {
  const file = join(MACHINE, "programs", `${basename(program, ".ts")}.js`);
  await bundle(program, file);
  return file;
}

/**
 * Loads such a file. Stack traces name the lines of the sources, also of an error that it ends with.
 *
 * @param {string} file
 * @returns {any} what it exports
 */
export function loadProgram(file) {
  try {
    return require(file);
  } finally {
    // Not before: cdktf looks at a stack trace as it is loaded, which would read the map each time.
    /** @type {typeof import("source-map-support")} */ (require("source-map-support")).install();
  }
}
