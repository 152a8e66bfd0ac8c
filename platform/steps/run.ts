/**
 * The steps of a deploy that Terraform runs as commands, on the machine that deploys:
 *
 *   run.ts ready --container NAME --pids-limit N --timeout SECONDS
 *   run.ts hook --name NAME --container NAME --timeout SECONDS [--file PATH]... -- COMMAND...
 *   run.ts check ... the same words: the hook's check, which changes nothing
 *   run.ts clear [--orphan ID]...
 *   run.ts canary --lab NAME --timeout SECONDS
 */
import { parseArgs } from "node:util";
import { canary } from "./canary";
import { clear } from "./clear";
import { StepFailed } from "./docker";
import { checkHook, hook } from "./hook";
import { ready } from "./ready";

/** Runs one step, named by its words. @throws StepFailed */
export async function runStep(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      container: { type: "string" },
      file: { type: "string", multiple: true },
      lab: { type: "string" },
      name: { type: "string" },
      orphan: { type: "string", multiple: true },
      "pids-limit": { type: "string" },
      timeout: { type: "string" },
    },
  });
  const [kind, ...command] = positionals;
  const need = (name: Exclude<keyof typeof values, "file" | "orphan">): string => {
    const value = values[name];
    if (value === undefined) {
      throw new StepFailed(`${kind}: --${name} is missing`);
    }
    return value;
  };
  switch (kind) {
    case "ready":
      return ready({
        container: need("container"),
        pidsLimit: Number(need("pids-limit")),
        timeoutSeconds: Number(need("timeout")),
      });
    case "hook":
    case "check":
      return (kind === "hook" ? hook : checkHook)({
        name: need("name"),
        container: need("container"),
        timeoutSeconds: Number(need("timeout")),
        files: values.file ?? [],
        command,
      });
    case "clear":
      return clear(values.orphan ?? []);
    case "canary":
      return canary({ lab: need("lab"), timeoutSeconds: Number(need("timeout")) });
    default:
      throw new StepFailed(`there is no step "${kind}"; there are ready, hook, check, clear and canary`);
  }
}

if (require.main === module) {
  runStep(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof StepFailed ? error.message : error);
    process.exitCode = 1;
  });
}
