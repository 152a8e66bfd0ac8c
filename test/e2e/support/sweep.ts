import { rmSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { REPOSITORY } from "../../../platform/repository";
import { Outcome, run } from "./shell";

/** Takes a lab away by force, whatever state it is in: also after something failed. */
export async function sweepLab(lab: string): Promise<void> {
  const all = (list: string, remove: string): Promise<Outcome> =>
    run(`${list} | xargs -r ${remove}`, { mayFail: true });
  await all(`docker ps -aq --filter name=lab-${lab}-`, "docker rm -fv");
  await all(`docker volume ls -q --filter name=lab-${lab}-`, "docker volume rm -f");
  await all(`docker network ls -q --filter name=lab-${lab}`, "docker network rm");
  rmSync(labFolder(lab), { recursive: true, force: true });
  rmSync(join(REPOSITORY, "cdktf.out", "stacks", lab), { recursive: true, force: true });
}
