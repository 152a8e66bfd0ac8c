import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { labFolder } from "../platform/lab-files";
import type { LabLock } from "../platform/lab-lock";
import { runTerraform, TerraformRun, TerraformVerb } from "../platform/terraform-run";
import type { SynthesizedLab } from "./synthesize";

/** How a lab's stacks are run. */
export interface RunLabOptions extends Pick<TerraformRun, "signal" | "timeoutSeconds" | "env"> {
  /** The file that the output is added to; see newLog. */
  readonly log: string;
  /** The lock that the caller holds on the lab. */
  readonly lock: LabLock;
  /** Gets each line of Terraform's output, with the name of the stack that it is of. */
  readonly onLine?: (line: string, stack: string) => void;
}

/**
 * Taking a lab away needs no look at what is there first: what is gone already counts as removed, and the docker provider
 * takes two seconds to read a network.
 */
const UNREAD = ["-refresh=false"];

/** Logs that are kept of each lab. */
const KEPT_LOGS = 10;

/**
 * Runs Terraform on the stacks of a synthesized lab, one after the other: a droplet before its lab, and a destroy in
 * reverse.
 *
 * @throws TerraformFailed, TerraformInterrupted
 */
export async function runLab(lab: SynthesizedLab, verb: TerraformVerb, options: RunLabOptions): Promise<void> {
  for (const folder of verb === "apply" ? lab.stacks : [...lab.stacks].reverse()) {
    await runTerraform({
      ...options,
      folder,
      verb,
      flags: verb === "destroy" && basename(folder) === lab.id ? UNREAD : [],
      onLine: (line) => options.onLine?.(line, basename(folder)),
      onProcess: (pid) => options.lock.noteTerraform(pid),
    });
  }
}

/** The folder of a lab's logs. */
export function logsFolder(lab: string): string {
  return join(labFolder(lab), "logs");
}

/** A new log of a lab, for one run; the oldest go. */
export function newLog(lab: string, verb: string): string {
  const folder = logsFolder(lab);
  mkdirSync(folder, { recursive: true });
  const logs = readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .sort();
  logs.slice(0, -KEPT_LOGS + 1).forEach((name) => rmSync(join(folder, name), { force: true }));
  return join(folder, `${new Date().toISOString().replaceAll(/[:.]/g, "-")}-${verb}.log`);
}
