import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask } from "./run.mjs";
import { TERRAFORM } from "./terraform.mjs";

/** The pages that take the lab's token in their link, by their names in the output `urls`. */
const PAGES = { "the front page": "/", JupyterLab: "/lab" };

/**
 * The outputs of a lab's last deploy. The token is not among them: Terraform's state keeps outputs in the clear.
 *
 * @param {string} lab
 * @param {string} [root] the repository
 * @returns {{ urls: { value: Record<string, string> }, next: { value: string } }}
 */
export function labOutputs(lab, root = REPOSITORY) {
  const outputs = knownOutputs(lab, root);
  if (!outputs?.urls) {
    throw new Refusal(`There is no lab "${lab}" on this machine.`, `Deploy it first: npx cdktf deploy ${lab}`);
  }
  return outputs;
}

/**
 * The outputs that the lab's state knows of, wherever it is kept.
 *
 * @param {string} lab
 * @param {string} root
 */
function knownOutputs(lab, root) {
  const stack = join(root, "cdktf.out", "stacks", lab);
  if (hasStateElsewhere(stack)) {
    // Of the state in a bucket Terraform knows. A file in labs/<id>/ is from before it was moved there.
    const said = ask(TERRAFORM, ["output", "-json"], { cwd: stack, env: { CHECKPOINT_DISABLE: "1" } });
    return said.ok ? JSON.parse(said.stdout) : undefined;
  }
  const file = join(root, "labs", lab, "terraform.tfstate");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).outputs : undefined;
}

/**
 * Whether a stack's state is not on this machine, by what the last synth wrote.
 *
 * @param {string} folder
 */
function hasStateElsewhere(folder) {
  const file = join(folder, "cdk.tf.json");
  const backend = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).terraform?.backend : undefined;
  return backend !== undefined && backend.local === undefined;
}

/**
 * The links that open a lab's pages: with its token, which is read from its file now.
 *
 * @param {string} lab
 * @param {string} [root] the repository
 * @returns {Record<string, string>} by the page's name
 */
export function labLinks(lab, root = REPOSITORY) {
  const urls = labOutputs(lab, root).urls.value;
  const token = readFileSync(join(root, "labs", lab, "jupyter-token"), "utf8").trim();
  return Object.fromEntries(
    Object.entries(PAGES).flatMap(([name, path]) =>
      urls[name] ? [[name, `${urls[name]}${path}?token=${token}`]] : [],
    ),
  );
}
