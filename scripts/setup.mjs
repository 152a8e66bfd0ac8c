// npm run setup: all that a deploy of a lab needs on this machine.
import { MACHINE_STEPS } from "./setup/machine.mjs";
import { runMain } from "./setup/refusal.mjs";
import { runSteps } from "./setup/steps.mjs";

await runMain(() => runSteps(MACHINE_STEPS));
