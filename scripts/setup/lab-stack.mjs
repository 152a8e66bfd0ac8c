import { readFileSync } from "node:fs";
import { join } from "node:path";

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
 * @property {readonly string[]} builds the names of the images that the deploy builds
 * @property {readonly PublishedPort[]} ports
 * @property {boolean} elsewhere it runs on a host that is reached by SSH
 */

/**
 * Reads what a lab needs.
 *
 * @param {import("../../stacks/synthesize.js").SynthesizedLab} lab
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
  /** @type {{ name: string, build?: object }[]} */
  const images = Object.values(stack.resource?.docker_image ?? {});
  return {
    elsewhere: stack.provider?.docker?.[0]?.ssh_opts !== undefined,
    containers: containers.map(({ name }) => name),
    builds: images.filter(({ build }) => build).map(({ name }) => name),
    ports: containers.flatMap(({ name, ports = [] }) =>
      ports.flatMap(({ ip, external }) =>
        external ? [{ address: ip ?? "0.0.0.0", port: external, container: name }] : [],
      ),
    ),
  };
}
