/** Runs one of a lab's hooks at will: npm run hook -- <lab> <hook>. */
import { existsSync, readFileSync } from "node:fs";
import { useHostOf } from "../platform/steps/docker";
import { runStep } from "../platform/steps/run";
import type { HookSteps } from "../platform/hook";
import { hooksFile } from "../platform/lab-files";
import { fail } from "./fail";

const [lab = "", name = ""] = process.argv.slice(2);
const file = hooksFile(lab);
if (!lab || !existsSync(file)) {
  fail(
    `there is no lab "${lab}" on this machine. Type: npm run hook -- <lab> <hook>, such as: npm run hook -- local topics`,
  );
}
const hooks = JSON.parse(readFileSync(file, "utf8")) as Record<string, HookSteps>;
const steps = hooks[name];
if (!steps) {
  fail(`the lab "${lab}" has no hook "${name}"; it has ${Object.keys(hooks).join(", ")}.`);
}
useHostOf(lab);
runStep(steps.run).catch((error: Error) => fail(error.message));
