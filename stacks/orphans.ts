import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabHost } from "../platform/host";
import { labFolder } from "../platform/lab-files";

/** Where the orphans that a deploy has cleared last are kept: their step runs again only when there are others. */
export function orphansFile(id: string): string {
  return join(labFolder(id), "orphans");
}

/**
 * The lab's containers that its Terraform state does not know: a deploy that was ended in the middle left them, or
 * docker-compose made them. They hold the names that the next deploy needs.
 *
 * @returns their ids; without any, those that were cleared last, so that nothing changes
 */
export function orphans(id: string, host: LabHost): string[] {
  const known = stateFile(id);
  const found = labContainers(id, host).filter((container) => !known.includes(container));
  const file = orphansFile(id);
  if (found.length > 0 || !existsSync(file)) {
    return found;
  }
  return readFileSync(file, "utf8").split(" ").filter(Boolean);
}

function stateFile(id: string): string {
  const file = join(labFolder(id), "terraform.tfstate");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function labContainers(id: string, host: LabHost): string[] {
  const filter = ["--filter", `name=^lab-${id}-[a-z]+$`, "--format", "{{.ID}}"];
  const env = host.dockerHost ? { ...process.env, DOCKER_HOST: host.dockerHost } : process.env;
  try {
    const list = execFileSync("docker", ["ps", "--all", "--no-trunc", ...filter], {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000,
    });
    return list.split("\n").filter(Boolean).sort();
  } catch {
    // A synth needs no Docker; the deploy will say that there is none.
    return [];
  }
}
