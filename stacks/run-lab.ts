import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { LAB_LABEL } from "../platform/lab";
import { labFolder } from "../platform/lab-files";
import type { LabLock } from "../platform/lab-lock";
import { atHostOf, docker, SHORT_SECONDS } from "../platform/steps/docker";
import { StepsServer } from "../platform/steps/server";
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

/** Terraform's word, with its hand on the state, that it is about to take things away. */
const PLANNED = /^Plan: .* to destroy\.$/;

/**
 * Runs Terraform on the stacks of a synthesized lab, one after the other: a droplet before its lab, and a destroy in
 * reverse.
 *
 * @throws TerraformFailed, TerraformInterrupted
 */
export async function runLab(lab: SynthesizedLab, verb: TerraformVerb, options: RunLabOptions): Promise<void> {
  for (const folder of verb === "apply" ? lab.stacks : [...lab.stacks].reverse()) {
    const stack = basename(folder);
    const takesAway = verb === "destroy" && stack === lab.id;
    const steps = verb === "apply" ? await StepsServer.open() : undefined;
    let removed: Promise<void> | undefined;
    const remove = (): void => {
      removed ??= removeContainers(lab.id);
    };
    const watch = takesAway ? onceLocked(lab.id, remove) : undefined;
    await runTerraform({
      ...options,
      env: { ...options.env, ...steps?.environment },
      folder,
      verb,
      flags: takesAway ? UNREAD : [],
      onLine: (line) => {
        if (takesAway && PLANNED.test(line)) {
          remove();
        }
        options.onLine?.(line, stack);
      },
      onProcess: (pid) => options.lock.noteTerraform(pid),
    }).finally(() => {
      clearInterval(watch);
      return Promise.all([removed, steps?.close()]);
    });
  }
}

/** How often it is looked whether Terraform has its hand on the state, in milliseconds. */
const POLL_MS = 50;

/**
 * Calls `then` as soon as Terraform has its hand on a state in the lab's folder, which is most of a second before it has
 * planned. Where somebody else's is, or may have been, that can't be told.
 */
function onceLocked(lab: string, then: () => void): NodeJS.Timeout | undefined {
  const lock = join(labFolder(lab), ".terraform.tfstate.lock.info");
  return existsSync(lock) ? undefined : setInterval(() => existsSync(lock) && then(), POLL_MS);
}

/**
 * Removes a lab's containers all at once, where Terraform stops one after those that need it. What could not be removed
 * so is left to Terraform, and a container that is gone counts there as removed.
 */
async function removeContainers(lab: string): Promise<void> {
  const bound = { timeoutSeconds: SHORT_SECONDS };
  await atHostOf(lab, async () => {
    const { exitCode, output } = await docker(["ps", "-aq", "--filter", `label=${LAB_LABEL}=${lab}`], bound);
    const containers = output.split("\n").filter(Boolean);
    if (exitCode === 0 && containers.length > 0) {
      await docker(["rm", "--force", "--volumes", ...containers], bound);
    }
  });
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
