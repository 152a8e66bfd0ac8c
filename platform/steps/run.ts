/**
 * The steps of a deploy that Terraform runs as commands, on the machine that deploys. Their words:
 *
 *   ready --container NAME --pids-limit N --timeout SECONDS
 *   hook --name NAME --container NAME --timeout SECONDS [--file PATH]... -- COMMAND...
 *   check ... the same words: the hook's check, which changes nothing
 *   clear [--orphan ID]...
 *   network --name NAME
 *   canary --lab NAME --timeout SECONDS
 *   prepare --folder PATH --owner UID:GID [--image NAME]
 *   compose-files --lab NAME --folder PATH
 *   account --region SLUG --size SLUG [--image NUMBER]
 *   wait --lab NAME --droplet ID --address IP --timeout SECONDS
 */
import { parseArgs } from "node:util";
import { recordCanary } from "../canary-record";
import { account } from "./account";
import { canary } from "./canary";
import { clear } from "./clear";
import { StepFailed } from "./docker";
import { checkHook, hook } from "./hook";
import { networkThere } from "./network";
import { composeFiles, prepare } from "./prepare";
import { ready } from "./ready";
import { waitForDroplet } from "./wait";

/** Runs one step, named by its words. @throws StepFailed */
export async function runStep(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      address: { type: "string" },
      container: { type: "string" },
      droplet: { type: "string" },
      folder: { type: "string" },
      file: { type: "string", multiple: true },
      image: { type: "string" },
      lab: { type: "string" },
      name: { type: "string" },
      orphan: { type: "string", multiple: true },
      owner: { type: "string" },
      "pids-limit": { type: "string" },
      region: { type: "string" },
      size: { type: "string" },
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
    case "network":
      return networkThere(need("name"));
    case "canary":
      return recordCanary(need("lab"), () => canary({ lab: need("lab"), timeoutSeconds: Number(need("timeout")) }));
    case "prepare":
      return prepare({ folder: need("folder"), owner: need("owner"), image: values.image });
    case "compose-files":
      return composeFiles(need("lab"), need("folder"));
    case "account":
      return account({ region: need("region"), size: need("size"), image: values.image });
    case "wait":
      return waitForDroplet({
        lab: need("lab"),
        droplet: need("droplet"),
        address: need("address"),
        timeoutSeconds: Number(need("timeout")),
      });
    default:
      throw new StepFailed(`there is no step "${kind}"; see platform/steps/run.ts for those there are`);
  }
}
