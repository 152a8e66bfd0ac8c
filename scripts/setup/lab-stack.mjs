import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask } from "./run.mjs";

/**
 * What Node.js is given to run a TypeScript program of scripts/.
 *
 * @param {string} name
 */
export const program = (name) => [join("scripts", "run-ts.mjs"), join("scripts", `${name}.ts`)];

/**
 * A port of a lab that this machine will listen on.
 *
 * @typedef {object} PublishedPort
 * @property {string} address
 * @property {number} port
 * @property {string} container whose it is
 */

/**
 * What the checks before a deploy must know of a lab.
 *
 * @typedef {object} LabNeeds
 * @property {readonly string[]} containers their names
 * @property {readonly string[]} images their names
 * @property {readonly PublishedPort[]} ports
 * @property {boolean} elsewhere it runs on a host that is reached by SSH
 */

/**
 * A lab's stacks, synthesized as cdktf does it.
 *
 * @typedef {object} SynthesizedLab
 * @property {string} id
 * @property {readonly string[]} stacks their folders, in the order in which they are deployed: a droplet first
 */

/**
 * Synthesizes one lab of the class.
 *
 * @param {string} lab
 * @returns {SynthesizedLab}
 */
export function synthesizeLab(lab) {
  const synth = ask(process.execPath, [...program("lab-synth"), lab], { cwd: REPOSITORY, timeoutSeconds: 300 });
  if (!synth.ok) {
    throw new Refusal(errorMessage(synth.stderr));
  }
  return JSON.parse(synth.stdout);
}

/**
 * Reads what a lab needs.
 *
 * @param {SynthesizedLab} lab
 * @returns {LabNeeds}
 */
export function labNeeds({ stacks }) {
  const folder = /** @type {string} */ (stacks.at(-1));
  return readStack(JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")));
}

/**
 * @param {any} stack as Terraform gets it
 * @returns {LabNeeds}
 */
export function readStack(stack) {
  /** @type {{ name: string, ports?: { ip?: string, external?: number }[] }[]} */
  const containers = Object.values(stack.resource?.docker_container ?? {});
  return {
    elsewhere: stack.provider?.docker?.[0]?.ssh_opts !== undefined,
    containers: containers.map(({ name }) => name),
    images: Object.values(stack.resource?.docker_image ?? {}).map(({ name }) => name),
    ports: containers.flatMap(({ name, ports = [] }) =>
      ports.flatMap(({ ip, external }) =>
        external ? [{ address: ip ?? "0.0.0.0", port: external, container: name }] : [],
      ),
    ),
  };
}

/**
 * What Node.js prints of an uncaught error, without the lines around its message.
 *
 * @param {string} output
 */
export function errorMessage(output) {
  const lines = output.split("\n");
  const first = lines.findIndex((line) => /^\w*Error: /.test(line));
  if (first < 0) {
    return output;
  }
  const rest = lines.slice(first);
  const end = rest.findIndex((line) => /^\s+at /.test(line));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .join("\n")
    .trim();
}
