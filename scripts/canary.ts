/** Lets the canary fly through a lab at will: npm run canary [-- <lab>]. */
import { existsSync } from "node:fs";
import { useHostOf } from "../platform/steps/docker";
import { runStep } from "../platform/steps/run";
import { hooksFile } from "../platform/lab-files";
import { fail } from "./fail";

const lab = process.argv[2] ?? "local";
if (!existsSync(hooksFile(lab))) {
  fail(`there is no lab "${lab}" on this machine; deploy it first: npx cdktf deploy ${lab}`);
}
useHostOf(lab);
runStep(["canary", "--lab", lab, "--timeout", "90"]).catch((error: Error) => fail(error.message));
