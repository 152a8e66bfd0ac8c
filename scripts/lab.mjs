// npm run lab [-- <id>]: sets up what is missing, deploys the lab, and says what to type next.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeDeploy } from "./setup/before-deploy.mjs";
import { stacksOf } from "./setup/lab-stack.mjs";
import { MACHINE_STEPS } from "./setup/machine.mjs";
import { REPOSITORY } from "./setup/paths.mjs";
import { Refusal, runMain } from "./setup/refusal.mjs";
import { runSteps } from "./setup/steps.mjs";

await runMain(async () => {
  const lab = readArguments(process.argv.slice(2));
  await runSteps([
    ...MACHINE_STEPS,
    beforeDeploy(lab),
    { name: `npx cdktf deploy ${lab}`, run: (say) => deploy(lab, say) },
  ]);
  console.log(`\n${whatNext(lab)}`);
});

/** @param {readonly string[]} args */
function readArguments(args) {
  const [lab = "local", ...more] = args;
  if (more.length > 0 || lab.startsWith("-")) {
    throw new Refusal(`npm run lab was given ${args.join(" ")}.`, "Allowed is the id of one lab: npm run lab -- <id>");
  }
  return lab;
}

/**
 * @param {string} lab
 * @param {import("./setup/steps.mjs").Say} say
 */
function deploy(lab, say) {
  if (!existsSync(stateFile(lab))) {
    say("the first deploy builds the images; that takes some minutes");
  }
  const cdktf = join(REPOSITORY, "node_modules", ".bin", "cdktf");
  // Where nobody watches, cdktf need not redraw its screen.
  const [flags, quiet] = process.stdout.isTTY ? [[], {}] : [["--no-color"], { CI: "true" }];
  const { status } = spawnSync(cdktf, ["deploy", ...stacksOf(lab), "--auto-approve", ...flags], {
    cwd: REPOSITORY,
    stdio: "inherit",
    env: { ...process.env, ...quiet, CHECKPOINT_DISABLE: "1", CDKTF_SKIP_PROVIDER_LOCK: "true" },
  });
  if (status !== 0) {
    throw new Refusal(
      `The deploy of "${lab}" failed; what failed is said above.`,
      `Mend it and type \`npm run lab${lab === "local" ? "" : ` -- ${lab}`}\` again: it goes on from where it stopped.`,
    );
  }
  return "done";
}

/** @param {string} lab */
function whatNext(lab) {
  const { outputs } = JSON.parse(readFileSync(stateFile(lab), "utf8"));
  return /** @type {string} */ (outputs.next.value);
}

/** @param {string} lab */
function stateFile(lab) {
  return join(REPOSITORY, "labs", lab, "terraform.tfstate");
}
