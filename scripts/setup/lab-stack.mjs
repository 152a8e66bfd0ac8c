import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask } from "./run.mjs";

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
 * @property {readonly PublishedPort[]} ports
 * @property {boolean} elsewhere it runs on a host that is reached by SSH
 */

/**
 * Synthesizes the class's stacks, as cdktf will, and reads what one of them needs.
 *
 * @param {string} lab
 * @returns {LabNeeds}
 */
export function labNeeds(lab) {
  const synth = ask(process.execPath, ["--import", "tsx", "main.ts"], { cwd: REPOSITORY, timeoutSeconds: 300 });
  if (!synth.ok) {
    throw new Refusal(errorMessage(synth.stderr));
  }
  const out = join(REPOSITORY, "cdktf.out");
  const { stacks } = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  if (!Object.hasOwn(stacks, lab)) {
    const labs = Object.keys(stacks);
    const some = labs.slice(0, 20).join(", ") + (labs.length > 20 ? `, ... (${labs.length} in all)` : "");
    throw new Refusal(`There is no lab "${lab}". Allowed: ${some}. The class file names the labs.`);
  }
  return readStack(JSON.parse(readFileSync(join(out, stacks[lab].synthesizedStackPath), "utf8")));
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
    ports: containers.flatMap(({ name, ports = [] }) =>
      ports.flatMap(({ ip, external }) =>
        external ? [{ address: ip ?? "0.0.0.0", port: external, container: name }] : [],
      ),
    ),
  };
}

/**
 * What must be deployed for a lab, in this order: a droplet first. Of the last synth.
 *
 * @param {string} lab
 * @returns {string[]}
 */
export function stacksOf(lab) {
  const { stacks } = JSON.parse(readFileSync(join(REPOSITORY, "cdktf.out", "manifest.json"), "utf8"));
  return [...stacks[lab].dependencies, lab];
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
