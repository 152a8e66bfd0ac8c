// npm run lab [-- <id>]: sets up what is missing, deploys the lab, and says what to type next.
import { spawnSync } from "node:child_process";
import { beforeDeploy } from "./setup/before-deploy.mjs";
import { labNeeds, program, synthesizeLab } from "./setup/lab-stack.mjs";
import { isDeployed, labLinks, labOutputs } from "./setup/links.mjs";
import { MACHINE_STEPS } from "./setup/machine.mjs";
import { REPOSITORY } from "./setup/paths.mjs";
import { Refusal, runMain } from "./setup/refusal.mjs";
import { ask } from "./setup/run.mjs";
import { runSteps } from "./setup/steps.mjs";

await runMain(async () => {
  const lab = readArguments(process.argv.slice(2));
  /** @type {import("./setup/lab-stack.mjs").SynthesizedLab | undefined} */
  let synthesized;
  await runSteps([
    ...MACHINE_STEPS,
    beforeDeploy(lab, () => (synthesized ??= synthesizeLab(lab))),
    {
      name: `deploy of ${lab}, as npx cdktf deploy ${lab} does it`,
      run: (say) => deploy((synthesized ??= synthesizeLab(lab)), say),
    },
  ]);
  console.log(`\n${labOutputs(lab).next.value}`);
  console.log(`\nOpen the lab in a browser:\n  ${labLinks(lab)["the front page"]}`);
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
 * @param {import("./setup/lab-stack.mjs").SynthesizedLab} lab
 * @param {import("./setup/steps.mjs").Say} say
 */
function deploy(lab, say) {
  const { id, stacks } = lab;
  if (buildsImages(lab)) {
    say("the deploy builds the images first; that takes some minutes");
  }
  // Ctrl-C is for the deploy, which ends in order.
  process.on("SIGINT", () => undefined);
  const { status } = spawnSync(process.execPath, [...program("lab-deploy"), id, ...stacks], {
    cwd: REPOSITORY,
    stdio: "inherit",
  });
  if (status !== 0) {
    throw new Refusal(
      `The deploy of "${id}" failed; what failed is said above.`,
      `Mend it and type \`npm run lab${id === "local" ? "" : ` -- ${id}`}\` again: it goes on from where it stopped.`,
    );
  }
  return "done";
}

/**
 * Whether images are missing. A host elsewhere is not asked: one that knows of no deploy has none.
 *
 * @param {import("./setup/lab-stack.mjs").SynthesizedLab} lab
 */
function buildsImages(lab) {
  const { elsewhere, images } = labNeeds(lab);
  return elsewhere ? !isDeployed(lab.id) : !ask("docker", ["image", "inspect", ...images]).ok;
}
