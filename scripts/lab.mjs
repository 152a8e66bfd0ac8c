// npm run lab [-- <id>]: sets up what is missing, deploys the lab, and says what to type next.
import { beforeDeploy } from "./setup/before-deploy.mjs";
import { labNeeds } from "./setup/lab-stack.mjs";
import { labLinks, labOutputs } from "./setup/links.mjs";
import { loadProgram, programFile } from "./setup/load-ts.mjs";
import { MACHINE_STEPS } from "./setup/machine.mjs";
import { REPOSITORY } from "./setup/paths.mjs";
import { Refusal, runMain } from "./setup/refusal.mjs";
import { runSteps } from "./setup/steps.mjs";

/** @typedef {import("../stacks/synthesize.js").SynthesizedLab} SynthesizedLab */

await runMain(async () => {
  const lab = readArguments(process.argv.slice(2));
  process.chdir(REPOSITORY);
  /** @type {Promise<SynthesizedLab> | undefined} */
  let synthesized;
  const synthesize = () => (synthesized ??= inWords(({ synthesizeLab }) => synthesizeLab(lab)));
  await runSteps([
    ...MACHINE_STEPS,
    beforeDeploy(lab, synthesize),
    {
      name: `deploy of ${lab}, as npx cdktf deploy ${lab} does it`,
      run: async (say) => deploy(await synthesize(), say),
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
 * Does something with lab-program.ts, which needs the packages that the first step installs.
 *
 * @template T
 * @param {(program: typeof import("./lab-program.js")) => Promise<T>} work
 * @param {string} [advice] what to do when it is refused
 * @returns {Promise<T>}
 */
async function inWords(work, advice) {
  /** @type {typeof import("./lab-program.js")} */
  const program = loadProgram(await programFile("scripts/lab-program.ts"));
  try {
    return await work(program);
  } catch (error) {
    throw error instanceof program.LabRefused ? new Refusal(error.message, advice) : error;
  }
}

/**
 * @param {SynthesizedLab} lab
 * @param {import("./setup/steps.mjs").Say} say
 */
async function deploy(lab, say) {
  if (labNeeds(lab).builds.length > 0) {
    say("the deploy builds the images first; that takes some minutes");
  }
  const again = `npm run lab${lab.id === "local" ? "" : ` -- ${lab.id}`}`;
  await inWords(
    ({ deployLab }) => deployLab(lab, say),
    `The deploy of "${lab.id}" failed. Mend it and type \`${again}\` again: it goes on from where it stopped.`,
  );
  return "done";
}
