/** A step of `npm run lab`: deploys a lab's stacks, whose folders are given in their order. */
import { relative } from "node:path";
import { withLabLock } from "../platform/lab-lock";
import { newLog, runLab } from "../stacks/run-lab";
import { fail } from "./fail";

async function deploy(id: string, stacks: readonly string[]): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  process.once("SIGINT", () => {
    console.error("\nTerraform ends what it is at, and keeps its state; please wait.");
    abort.abort();
  });
  const log = newLog(id, "deploy");
  let outputs = false;
  const onLine = (line: string): void => {
    // What to type next is said at the end, in words.
    outputs ||= line === "Outputs:";
    if (!outputs) {
      console.log(`    ${line}`);
    }
  };
  try {
    await withLabLock(id, "npm run lab", (lock) => runLab({ id, stacks }, "apply", { lock, log, signal, onLine }), {
      signal,
      onWait: (message) => console.log(`    ${message}; waiting for it`),
    });
  } catch (error) {
    fail(`${(error as Error).message}\nThe log: ${relative(process.cwd(), log)}`);
  }
}

const [lab = "", ...folders] = process.argv.slice(2);
void deploy(lab, folders);
