import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { MACHINE, REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask, has, lastLines, work } from "./run.mjs";
import { TERRAFORM, terraformVersion } from "./terraform.mjs";

const SOURCE = "kreuzwerker/docker";
/** A Terraform mirror: each stack finds it as `terraform.d/plugins` in its folder. */
export const PLUGINS = join(MACHINE, "plugins");
/** Terraform's lock of what is in the mirror. With it in a stack's folder, cdktf need not ask a registry for one. */
export const LOCK_FILE = join(MACHINE, "terraform.lock.hcl");
const SCRATCH = join(MACHINE, "provider-work");

/** @type {import("./steps.mjs").Step} */
export const dockerProvider = {
  name: "docker provider of Terraform",
  run(say) {
    const version = providerVersion();
    const { platform } = terraformVersion();
    const folder = providerFolder(version, platform);
    if (existsSync(folder) && existsSync(LOCK_FILE) && readFileSync(LOCK_FILE, "utf8").includes(`"${version}"`)) {
      return `${version}, there already`;
    }
    try {
      if (!existsSync(folder)) {
        say("asking Terraform's registry");
        const { found, message } = fromRegistry(version, platform);
        if (found) {
          put(found, folder);
        } else {
          put(fromSource(say, version, message), folder);
        }
      }
      lock(version);
    } finally {
      rmSync(SCRATCH, { recursive: true, force: true });
    }
    return `${version}, set up`;
  },
};

/** The release that the stacks ask for. */
export function providerVersion() {
  const versions = JSON.parse(readFileSync(join(REPOSITORY, "providers", "versions.json"), "utf8"));
  return /** @type {string} */ (versions[SOURCE]);
}

/**
 * Where Terraform looks for a provider in a mirror.
 *
 * @param {string} version
 * @param {string} platform as Terraform names it: linux_amd64
 * @param {string} [mirror]
 */
export function providerFolder(version, platform, mirror = PLUGINS) {
  return join(mirror, "registry.terraform.io", SOURCE, version, platform);
}

/**
 * Lets Terraform install the provider in a folder of its own, as it would in a stack's.
 *
 * @param {string} version
 * @param {string} platform
 */
function fromRegistry(version, platform) {
  const stack = scratchStack(version);
  const answer = ask(TERRAFORM, ["init", "-no-color", "-input=false"], {
    cwd: stack,
    env: { CHECKPOINT_DISABLE: "1" },
    timeoutSeconds: 120,
  });
  const found = providerFolder(version, platform, join(stack, ".terraform", "providers"));
  return { found: answer.ok && existsSync(found) ? found : undefined, message: answer.stderr };
}

/**
 * Builds the provider from the source that providers/go.mod pins.
 *
 * @param {import("./steps.mjs").Say} say
 * @param {string} version
 * @param {string} message what Terraform said of its registry
 */
function fromSource(say, version, message) {
  if (!has("go")) {
    throw new Refusal(
      `Terraform could not install the docker provider ${version}:\n${lastLines(message)}`,
      "Where its registry can't be reached, the provider is built from source: install Go for that (see providers/go.mod\n" +
        "for the version). Else mend the network, then try again.",
    );
  }
  say("the registry does not answer; building it with Go from its pinned source, 2 to 4 minutes");
  const folder = join(SCRATCH, "built");
  mkdirSync(folder, { recursive: true });
  const output = join(folder, `terraform-provider-docker_v${version}`);
  const flags = `-s -w -X main.version=${version}`;
  const source = "github.com/terraform-providers/terraform-provider-docker";
  work("provider", "go", ["build", "-trimpath", "-ldflags", flags, "-o", output, source], {
    cwd: join(REPOSITORY, "providers"),
    env: { CGO_ENABLED: "0" },
  });
  return folder;
}

/**
 * Puts a provider's folder into the mirror, whole or not at all.
 *
 * @param {string} found
 * @param {string} folder
 */
function put(found, folder) {
  const whole = join(SCRATCH, "whole");
  // Terraform may have linked it from another mirror of this machine.
  cpSync(found, whole, { recursive: true, dereference: true });
  if (!readdirSync(whole).some((file) => file.startsWith("terraform-provider-docker"))) {
    throw new Refusal(`There is no docker provider in ${found}.`);
  }
  mkdirSync(dirname(folder), { recursive: true });
  renameSync(whole, folder);
}

/**
 * Has Terraform take the provider from the mirror, and keeps its lock.
 *
 * @param {string} version
 */
function lock(version) {
  const stack = scratchStack(version);
  mkdirSync(join(stack, "terraform.d"));
  symlinkSync(PLUGINS, join(stack, "terraform.d", "plugins"), "dir");
  work("provider-lock", TERRAFORM, ["init", "-no-color", "-input=false"], {
    cwd: stack,
    env: { CHECKPOINT_DISABLE: "1" },
  });
  renameSync(join(stack, ".terraform.lock.hcl"), LOCK_FILE);
}

/**
 * A folder with a stack that needs nothing but the provider.
 *
 * @param {string} version
 */
function scratchStack(version) {
  rmSync(SCRATCH, { recursive: true, force: true });
  const stack = join(SCRATCH, "stack");
  mkdirSync(stack, { recursive: true });
  const stackJson = { terraform: { required_providers: { docker: { source: SOURCE, version } } } };
  writeFileSync(join(stack, "main.tf.json"), JSON.stringify(stackJson));
  return stack;
}
