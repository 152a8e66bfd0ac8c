/** The program that Terraform runs for a step: its words are platform/steps/run.ts's. */
import { StepFailed } from "./docker";
import { runStep } from "./run";

runStep(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof StepFailed ? error.message : error);
  process.exitCode = 1;
});
