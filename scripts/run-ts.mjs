// node scripts/run-ts.mjs PROGRAM.ts WORD...: runs a TypeScript program of this repository.
import { loadProgram, programFile } from "./setup/load-ts.mjs";
import { runMain } from "./setup/refusal.mjs";

const [program = "", ...words] = process.argv.slice(2);
let file = "";
await runMain(async () => {
  file = await programFile(program);
});
if (file) {
  process.argv = [process.argv0, file, ...words];
  loadProgram(file);
}
