import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeIfChanged } from "./files";
import { REPOSITORY } from "./repository";

/** The steps of a deploy in one file, below the repository's root. */
export const STEPS_PROGRAM = ".lab/steps.js";

/**
 * Writes the steps' program: one file of plain JavaScript. A deploy starts a dozen steps while the services' own starts
 * need the processors; from the sources each would take five times as long.
 */
export async function writeStepsProgram(): Promise<void> {
  const file = join(REPOSITORY, STEPS_PROGRAM);
  const { outputFiles } = await build({
    entryPoints: [join(REPOSITORY, "platform/steps/main.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    // As platform/repository.ts, the only one to ask, would find it.
    define: { __dirname: JSON.stringify(join(REPOSITORY, "platform")) },
    write: false,
  });
  mkdirSync(dirname(file), { recursive: true });
  writeIfChanged(file, outputFiles[0]!.text);
}
