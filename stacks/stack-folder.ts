import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { MACHINE_FOLDER } from "../roster/machine";

/** Providers that the set-up brought to this machine, where Terraform's registry may be out of reach. */
const PLUGINS = join(MACHINE_FOLDER, "plugins");

/** Their versions and checksums. */
const LOCK_FILE = join(MACHINE_FOLDER, "terraform.lock.hcl");

/**
 * Makes the folder in which Terraform runs a stack find the machine's providers: Terraform looks into
 * `terraform.d/plugins` there by itself, and a lock file that is there is not asked from the registry. So plain
 * `cdktf deploy` works without any setting.
 *
 * @param outdir the folder that synth writes
 */
export function provideProviders(outdir: string, stackId: string): void {
  const folder = resolve(outdir, "stacks", stackId);
  if (existsSync(PLUGINS)) {
    const link = join(folder, "terraform.d", "plugins");
    mkdirSync(join(folder, "terraform.d"), { recursive: true });
    // Made anew: after the repository was moved, the old link points nowhere.
    rmSync(link, { force: true });
    symlinkSync(PLUGINS, link);
  }
  if (existsSync(LOCK_FILE)) {
    copyFileSync(LOCK_FILE, join(folder, ".terraform.lock.hcl"));
  }
}
