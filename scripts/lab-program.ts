/** The parts of `npm run lab` (scripts/lab.mjs) that need the npm packages: a lab's synth, and its deploy. */
import { relative } from "node:path";
import { LabLock, withLabLock } from "../platform/lab-lock";
import { pickLabs } from "../roster/chosen";
import { inspectClass } from "../roster/class-file";
import { newLog, runLab } from "../stacks/run-lab";
import { SynthesizedLab, synthesize } from "../stacks/synthesize";
import { isMendable } from "./fail";

const COMMAND = "npm run lab";

/** What somebody can mend, and needs no stack trace to do it. */
export class LabRefused extends Error {}

/** Synthesizes one lab of the class. @throws LabRefused */
export async function synthesizeLab(lab: string): Promise<SynthesizedLab> {
  try {
    const { result, mistakes } = inspectClass();
    // A class file that is wrong may lack the lab only for that.
    const entries = mistakes.length > 0 ? result.labs : pickLabs(COMMAND, result.labs, [lab]);
    const options = { manifest: false, found: mistakes };
    const [synthesized] = await withLabLock(lab, COMMAND, () => synthesize(entries, options));
    return synthesized!;
  } catch (error) {
    throw isMendable(error) ? new LabRefused(error.message) : error;
  }
}

/** Deploys a synthesized lab. Ctrl-C lets Terraform end in order. @throws LabRefused */
export async function deployLab(lab: SynthesizedLab, say: (line: string) => void): Promise<void> {
  const abort = new AbortController();
  const { signal } = abort;
  const onInterrupt = (): void => {
    say("Terraform ends what it is at, and keeps its state; please wait.");
    abort.abort();
  };
  process.once("SIGINT", onInterrupt);
  const log = newLog(lab.id, "deploy");
  let outputs = false;
  const onLine = (line: string): void => {
    // What to type next is said at the end, in words.
    outputs ||= line === "Outputs:";
    if (!outputs) {
      say(line);
    }
  };
  const apply = (lock: LabLock): Promise<void> => runLab(lab, "apply", { lock, log, signal, onLine });
  const onWait = (message: string): void => say(`${message}; waiting for it`);
  try {
    await withLabLock(lab.id, COMMAND, apply, { signal, onWait });
  } catch (error) {
    throw new LabRefused(`${(error as Error).message}\nThe log: ${relative(process.cwd(), log)}`, { cause: error });
  } finally {
    process.removeListener("SIGINT", onInterrupt);
  }
}
