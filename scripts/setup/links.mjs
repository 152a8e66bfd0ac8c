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
  const file = join(root, "labs", lab, "terraform.tfstate");
  const outputs = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).outputs : outputsElsewhere(lab, root);
  if (!outputs?.urls) {
    throw new Refusal(`There is no lab "${lab}" on this machine.`, `Deploy it first: npx cdktf deploy ${lab}`);
  }
  return outputs;
}

/**
 * The outputs of a lab whose state is in a bucket: Terraform knows it.
 *
 * @param {string} lab
 * @param {string} root
 */
function outputsElsewhere(lab, root) {
  const cwd = join(root, "cdktf.out", "stacks", lab);
  const said = existsSync(cwd)
    ? ask(TERRAFORM, ["output", "-json"], { cwd, env: { CHECKPOINT_DISABLE: "1" } })
    : undefined;
  return said?.ok ? JSON.parse(said.stdout) : undefined;
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
