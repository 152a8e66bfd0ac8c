import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";

/** How esbuild puts a program into one file; a change of these makes all files anew. */
const OPTIONS = /** @type {const} */ ({
  bundle: true,
  platform: "node",
  target: "node20",
  // As platform/repository.ts, the only one to ask, would find it.
  define: { __dirname: JSON.stringify(join(REPOSITORY, "platform")) },
  // Beside the file: only an error's stack trace needs it.
  sourcemap: "linked",
  sourcesContent: false,
  // What went wrong is in the error that is thrown.
  logLevel: "silent",
});

/** A bundle's last line says what it was made of. */
const MADE_OF = "\n//! made of ";

/** Bytes that it takes at most: a bundle with its packages is fifty times as long. */
const LONGEST_END = 65_536;

/** A module finds its place by its own address: it stays where it is. */
const MODULES_STAY = {
  name: "modules stay",
  /** @param {import("esbuild").PluginBuild} build */
  setup: (build) =>
    build.onResolve({ filter: /^\.+\/.*\.mjs$/ }, ({ path, resolveDir }) =>
      inPackages(resolveDir) ? undefined : { path: pathToFileURL(resolve(resolveDir, path)).href, external: true },
    ),
};

/** @param {string} folder */
function inPackages(folder) {
  return folder.split(sep).includes("node_modules");
}

/**
 * Puts a TypeScript program of this repository and all that it imports, packages as well, into one file of JavaScript,
 * whole or not at all. One that is there from the same sources stays.
 *
 * @param {string} program its path in the repository
 * @param {string} file
 * @throws {Refusal} when a package is not installed
 */
export async function bundle(program, file) {
  const before = madeOf(file);
  if (before.length > 0 && before.every(([source, state]) => stateOf(source) === state)) {
    return;
  }
  const started = Date.now();
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    absWorkingDir: REPOSITORY,
    entryPoints: [program],
    plugins: [MODULES_STAY],
    outfile: file,
    write: false,
    metafile: true,
  });
  mkdirSync(dirname(file), { recursive: true });
  // The map comes first.
  for (const { path, text } of outputFiles) {
    // Another run of the same program may be about to load it.
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, path === file ? `${text}${MADE_OF}${JSON.stringify(sourcesOf(metafile, started))}` : text);
    renameSync(draft, path);
  }
}

/**
 * @param {import("esbuild").BuildOptions & { write: false, metafile: true }} options
 */
async function build(options) {
  try {
    const esbuild = await import("esbuild");
    return await esbuild.build(options);
  } catch (error) {
    const { code, errors = [] } = /** @type {NodeJS.ErrnoException & Partial<import("esbuild").BuildFailure>} */ (
      error
    );
    // A pull may have brought a need for more than the last set-up installed.
    throw code === "ERR_MODULE_NOT_FOUND" || errors.some(({ text }) => /^Could not resolve "[^.]/.test(text))
      ? new Refusal("The npm packages are not here, or not all of them.", "Type: npm run setup")
      : error;
  }
}

/**
 * @typedef {readonly [source: string, state: string | undefined]} Source with its state when the bundle was made
 */

/**
 * What a bundle is made of; nothing when one of it may have changed meanwhile.
 *
 * @param {import("esbuild").Metafile} metafile
 * @param {number} started
 * @returns {readonly Source[]}
 */
function sourcesOf({ inputs }, started) {
  const own = Object.keys(inputs).filter((name) => !inPackages(name));
  // npm writes this one with each change of the packages, esbuild's as well.
  const names = [...own, "node_modules/.package-lock.json", "scripts/setup/bundle.mjs", "tsconfig.json"];
  const sources = names.map((name) => /** @type {const} */ ([name, stateOf(name)]));
  return sources.every(([, state]) => Number(state?.split(" ")[0]) < started) ? sources : [];
}

/**
 * What a bundle says that it is made of.
 *
 * @param {string} file
 * @returns {readonly Source[]}
 */
function madeOf(file) {
  if (!existsSync(file)) {
    return [];
  }
  const opened = openSync(file, "r");
  const end = Buffer.alloc(LONGEST_END);
  const from = Math.max(0, fstatSync(opened).size - LONGEST_END);
  const text = end.toString("utf8", 0, readSync(opened, end, 0, LONGEST_END, from));
  closeSync(opened);
  const start = text.lastIndexOf(MADE_OF);
  return start < 0 ? [] : JSON.parse(text.slice(start + MADE_OF.length));
}

/**
 * When a source was last written, and its size.
 *
 * @param {string} source
 */
function stateOf(source) {
  const state = statSync(join(REPOSITORY, source), { throwIfNoEntry: false });
  return state && `${state.mtimeMs} ${state.size}`;
}
