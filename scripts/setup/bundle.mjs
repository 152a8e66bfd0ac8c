import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "./paths.mjs";

/** How esbuild puts a program into one file; a change of these makes all files anew. */
const OPTIONS = /** @type {const} */ ({
  bundle: true,
  platform: "node",
  target: "node20",
  // As platform/repository.ts, the only one to ask, would find it.
  define: { __dirname: JSON.stringify(join(REPOSITORY, "platform")) },
  sourcesContent: false,
});

/** A bundle's last line says what it was made of. */
const MADE_OF = "\n//! made of ";

/**
 * What a bundle was made of.
 *
 * @typedef {object} MadeOf
 * @property {readonly string[]} packages the modules that it loads at its start, beside Node.js's own
 * @property {readonly (readonly [string, string | undefined])[]} sources each with its state then; none where a source
 *   may have changed meanwhile
 */

/** A module finds its place by its own address: it stays where it is. */
const MODULES_STAY = {
  name: "modules stay",
  /** @param {import("esbuild").PluginBuild} build */
  setup: (build) =>
    build.onResolve({ filter: /\.mjs$/ }, ({ path, resolveDir }) => ({
      path: pathToFileURL(resolve(resolveDir, path)).href,
      external: true,
    })),
};

/**
 * Puts a TypeScript program of this repository and all that it imports of it into one file of JavaScript, whole or not
 * at all. One that is there from the same sources stays.
 *
 * @param {string} program its path in the repository
 * @param {string} file
 * @param {Pick<import("esbuild").BuildOptions, "packages" | "sourcemap">} [options] packages go into the file too, and
 *   there is no source map, unless told
 * @returns {Promise<MadeOf>}
 */
export async function bundle(program, file, options = {}) {
  const before = madeOf(file);
  if (before && before.sources.length > 0 && before.sources.every(([source, state]) => stateOf(source) === state)) {
    return before;
  }
  const started = Date.now();
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    ...options,
    absWorkingDir: REPOSITORY,
    entryPoints: [program],
    plugins: [MODULES_STAY],
    outfile: file,
    write: false,
    metafile: true,
  });
  const made = describe(metafile, started);
  const text = /** @type {import("esbuild").OutputFile} */ (outputFiles[0]).text;
  mkdirSync(dirname(file), { recursive: true });
  // Another run of the same program may be about to load it.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${text}${MADE_OF}${JSON.stringify(made)}`);
  renameSync(draft, file);
  return made;
}

/**
 * @param {import("esbuild").Metafile} metafile
 * @param {number} started
 * @returns {MadeOf}
 */
function describe({ inputs, outputs }, started) {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const packages = imports.filter(({ kind, path }) => kind === "require-call" && !isBuiltin(path));
  // node_modules and esbuild itself are as package-lock.json says.
  const names = [...Object.keys(inputs), "package-lock.json", "scripts/setup/bundle.mjs", "tsconfig.json"];
  const sources = names.map((name) => /** @type {const} */ ([name, stateOf(name)]));
  const whole = sources.every(([, state]) => Number(state?.split(" ")[0]) < started);
  return { packages: [...new Set(packages.map(({ path }) => path))], sources: whole ? sources : [] };
}

/**
 * @param {string} file
 * @returns {MadeOf | undefined}
 */
function madeOf(file) {
  if (!existsSync(file)) {
    return undefined;
  }
  const text = readFileSync(file, "utf8");
  const start = text.lastIndexOf(MADE_OF);
  return start < 0 ? undefined : JSON.parse(text.slice(start + MADE_OF.length));
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
