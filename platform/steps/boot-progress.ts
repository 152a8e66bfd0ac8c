import { lastLines, Outcome, StepFailed } from "./docker";

type OnDroplet = (...words: string[]) => Promise<Outcome>;

interface BootStatus {
  readonly v1: { readonly stage?: string | null };
}

interface BootResult {
  readonly v1: { readonly errors: readonly string[] };
}

const STAGES: Readonly<Record<string, string>> = {
  "init-local": "looking for its settings",
  init: "users, keys and files",
  "modules-config": "system settings",
  "modules-final": "installing packages",
};

/** Looks at a boot; true when it is over without an error. @throws StepFailed with the failing module's own lines */
export async function bootProgress(onDroplet: OnDroplet, say: (what: string) => void): Promise<boolean> {
  const done = await onDroplet("cat", "/run/cloud-init/result.json");
  if (done.exitCode === 0) {
    const { errors } = (JSON.parse(done.output) as BootResult).v1;
    if (errors.length > 0) {
      throw new StepFailed(await failure(onDroplet, errors));
    }
    say("the boot is over, without errors");
    return true;
  }
  const status = await onDroplet("cat", "/run/cloud-init/status.json");
  const stage = status.exitCode === 0 ? (JSON.parse(status.output) as BootStatus).v1.stage : undefined;
  say(`booting: ${STAGES[stage ?? ""] ?? stage ?? "not begun"}`);
  return false;
}

/** cloud-init's log names modules as config-<name>; its errors by ('<name>', Error(...)). */
async function failure(onDroplet: OnDroplet, errors: readonly string[]): Promise<string> {
  const log = (await onDroplet("cat", "/var/log/cloud-init.log")).output;
  const output = (await onDroplet("cat", "/var/log/cloud-init-output.log")).output;
  const modules = errors.map((error) => /^\('([^']+)'/.exec(error)?.[1]).filter((name) => name !== undefined);
  return [
    "the droplet's boot (cloud-init) failed:",
    ...errors.map((error) => `  ${error}`),
    `From /var/log/cloud-init.log:\n${lastLines(moduleLines(log, modules), 20)}`,
    `The last lines of /var/log/cloud-init-output.log:\n${lastLines(output, 20)}`,
    "Log in and look, or destroy the droplet and deploy again.",
  ].join("\n");
}

/** The lines of a log that name a module, or warn. */
export function moduleLines(log: string, modules: readonly string[]): string {
  const names = modules.flatMap((name) => [name, name.replaceAll("-", "_"), name.replaceAll("_", "-")]);
  return log
    .split("\n")
    .filter(
      (line) =>
        /WARNING|ERROR|CRITICAL|Traceback|Error:|Stderr:|Exit code:/.test(line) || names.some((n) => line.includes(n)),
    )
    .join("\n");
}
