import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
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

/** A bundle's last line: the sources that it was made of, as they were then. */
const SOURCES = "\n//! sources ";

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
 */
export async function bundle(program, file, options = {}) {
  if (isFresh(file)) {
    return;
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
  // node_modules and esbuild itself are as package-lock.json says.
  const sources = [...Object.keys(metafile.inputs), "package-lock.json", "scripts/setup/bundle.mjs", "tsconfig.json"];
  const states = sources.map((source) => [source, stateOf(source)]);
  // A source that was written meanwhile may be in the file as it was before.
  const known = states.every(([, state]) => Number(state?.split(" ")[0]) < started);
  const text = /** @type {import("esbuild").OutputFile} */ (outputFiles[0]).text;
  mkdirSync(dirname(file), { recursive: true });
  // Another run of the same program may be about to load it.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, known ? `${text}${SOURCES}${JSON.stringify(states)}` : text);
  renameSync(draft, file);
}

/** @param {string} file */
function isFresh(file) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return false;
  }
  const start = text.lastIndexOf(SOURCES);
  /** @type {[string, string][]} */
  const states = start < 0 ? [] : JSON.parse(text.slice(start + SOURCES.length));
  return states.length > 0 && states.every(([source, state]) => stateOf(source) === state);
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
