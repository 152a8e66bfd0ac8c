// node scripts/run-ts.mjs PROGRAM.ts WORD...: runs a TypeScript program of this repository. It is put into one file first,
// in a tenth of the time that compiling each source as it is loaded takes: every deploy runs two or three such programs.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MACHINE, REPOSITORY } from "./setup/paths.mjs";

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

const { build } = await import("esbuild").catch(() => {
  console.error("The npm packages are not here yet. Type: npm run setup");
  process.exit(1);
});
const [program = "", ...words] = process.argv.slice(2);
const folder = join(MACHINE, "programs");
const file = join(folder, `${basename(program, ".ts")}.js`);
const { outputFiles } = await build({
  entryPoints: [join(REPOSITORY, program)],
  bundle: true,
  platform: "node",
  target: "node20",
  packages: "external",
  plugins: [MODULES_STAY],
  sourcemap: "inline",
  // As platform/repository.ts, the only one to ask, would find it.
  define: { __dirname: JSON.stringify(join(REPOSITORY, "platform")) },
  outfile: file,
  write: false,
});
mkdirSync(folder, { recursive: true });
// Whole or not at all: another run of the same program may be about to load it.
const draft = `${file}.${process.pid}`;
writeFileSync(draft, /** @type {import("esbuild").OutputFile} */ (outputFiles[0]).contents);
renameSync(draft, file);
process.setSourceMapsEnabled(true);
process.argv = [process.argv0, file, ...words];
createRequire(import.meta.url)(file);
