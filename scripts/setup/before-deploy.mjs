import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { capacity, checkCapacity } from "./capacity.mjs";
import { dockerHost, isLocal } from "./docker-host.mjs";
import { labNeeds } from "./lab-stack.mjs";
import { REPOSITORY } from "./paths.mjs";
import { checkPorts } from "./ports.mjs";
import { Refusal } from "./refusal.mjs";
import { ask, has } from "./run.mjs";

/**
 * Checks what a deploy would otherwise find out in its middle.
 *
 * @param {string} lab
 * @param {() => Promise<import("../../stacks/synthesize.js").SynthesizedLab>} synthesized
 * @returns {import("./steps.mjs").Step}
 */
export function beforeDeploy(lab, synthesized) {
  return {
    name: `ports, memory and disk for the lab "${lab}"`,
    async run(say) {
      const { containers, ports, elsewhere } = labNeeds(await synthesized());
      if (elsewhere) {
        return "not checked: the lab is not on this machine";
      }
      if (!has("docker-compose") && !ask("docker", ["compose", "version"]).ok) {
        say(
          "there is no docker-compose: the lab comes up, but the exercise's commands need it (any version from 1.29)",
        );
      }
      if (!isLocal(dockerHost())) {
        return "not checked: the Docker engine is not on this machine";
      }
      checkFolder(lab, containers);
      await checkPorts(ports);
      const there = ask("docker", ["ps", "--format", "{{.Names}}"]).stdout.split("\n");
      const left = capacity();
      checkCapacity(
        left,
        containers.every((name) => there.includes(name)),
      ).forEach(say);
      return summary(ports, left);
    },
  };
}

/**
 * Refuses a lab that another clone of the repository has brought up: each would pull down what the other made.
 *
 * @param {string} lab
 * @param {readonly string[]} containers
 */
function checkFolder(lab, containers) {
  const format = '{{range .Mounts}}{{if eq .Destination "/w205"}}{{println .Source}}{{end}}{{end}}';
  const own = join("labs", lab, "w205");
  for (const folder of ask("docker", ["container", "inspect", "--format", format, ...containers])
    .stdout.split("\n")
    .filter(Boolean)) {
    // Docker Desktop puts a folder of its own before it.
    if (!folder.endsWith(join(REPOSITORY, own)) && !isSameFile(folder, join(REPOSITORY, own))) {
      throw new Refusal(
        `The lab "${lab}" is here already, from another folder: ${folder.replace(join("/", own), "")}`,
        `Work with it there, or take it away there first: npx cdktf destroy ${lab}`,
      );
    }
  }
}

/**
 * @param {string} a
 * @param {string} b
 */
function isSameFile(a, b) {
  return existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

/**
 * @param {readonly import("./lab-stack.mjs").PublishedPort[]} ports
 * @param {import("./capacity.mjs").Capacity} left
 */
function summary(ports, { memoryGiB, diskGiB }) {
  const memory = memoryGiB === undefined ? "" : `, ${memoryGiB.toFixed(0)} GiB of memory`;
  const disk = diskGiB === undefined ? "" : `, ${diskGiB.toFixed(0)} GiB of disk`;
  return `${ports.map(({ port }) => port).join(" and ")} free${memory}${disk}`;
}
