import { existsSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { writeIfChanged } from "../platform/files";
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
    // All of the machine's folder: one file fewer for each of a class's labs, and Terraform looks for `plugins` alone.
    const link = join(folder, "terraform.d");
    // After the repository was moved, the old link points nowhere.
    if (!pointsTo(link, MACHINE_FOLDER)) {
      rmSync(link, { recursive: true, force: true });
      symlinkSync(MACHINE_FOLDER, link);
    }
  }
  const lock = lockFile();
  if (lock) {
    writeIfChanged(join(folder, ".terraform.lock.hcl"), lock);
  }
}

function pointsTo(link: string, target: string): boolean {
  try {
    return readlinkSync(link) === target;
  } catch {
    return false;
  }
}

let lock: string | undefined;

/** The same for each of a class's thousand stacks. */
function lockFile(): string | undefined {
  lock ??= existsSync(LOCK_FILE) ? readFileSync(LOCK_FILE, "utf8") : undefined;
  return lock;
}
