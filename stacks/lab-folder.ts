import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeEnvironment, composeFile } from "../platform/compose";
import { writeIfChanged } from "../platform/files";
import type { Lab } from "../platform/lab";
import { hooksFile, labFolder } from "../platform/lab-files";
import { forgetHost } from "../platform/ssh-files";
import { orphansFile } from "./on-host";

/** Writes what belongs beside the state: docker-compose's files, JupyterLab's token, the student's folder. */
export function writeLabFolder(lab: Lab, orphans: readonly string[] = []): void {
  const folder = labFolder(lab.id);
  const own = (path: string): void => {
    if (process.getuid?.() === 0 && !lab.host.ssh) {
      chownSync(path, lab.host.owner.uid, lab.host.owner.gid);
    }
  };
  const w205 = join(folder, "w205");
  const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
  if (!lab.host.ssh && !existsSync(w205)) {
    mkdirSync(w205, { recursive: true });
    own(w205);
  }
  const token = join(folder, "jupyter-token");
  if (!existsSync(token)) {
    writeFileSync(token, randomBytes(24).toString("hex"), { mode: 0o600 });
    own(token);
  }
  writeIfChanged(join(folder, "docker-compose.yml"), composeFile(lab));
  writeIfChanged(join(folder, ".env"), composeEnvironment(lab));
  if (!lab.host.ssh && !isNew) {
    forgetHost(folder);
  }
  // For `npm run hook`, and for the canary, which looks for each hook's result.
  const hooks = Object.fromEntries(lab.hooks.map((hook) => [hook.hookName, hook.steps]));
  writeIfChanged(hooksFile(lab.id), `${JSON.stringify(hooks, undefined, 2)}\n`);
  if (orphans.length > 0 || existsSync(orphansFile(lab.id))) {
    writeIfChanged(orphansFile(lab.id), orphans.join(" "));
  }
  chmodSync(folder, 0o755);
}
