import { Refusal } from "./refusal.mjs";
import { ask } from "./run.mjs";

/** cdktf takes the same variable, for OpenTofu and the like. */
export const TERRAFORM = process.env.TERRAFORM_BINARY_NAME ?? "terraform";
const MIN_VERSION = "1.5.0";

/** @type {import("./steps.mjs").Step} */
export const terraform = {
  name: "Terraform",
  run: () => terraformVersion().version,
};

/** @type {{ version: string, platform: string } | undefined} */
let known;

/** Terraform's version and its name for this platform. It is asked once. */
export function terraformVersion() {
  return (known ??= askVersion());
}

function askVersion() {
  const answer = ask(TERRAFORM, ["version", "-json"], { env: { CHECKPOINT_DISABLE: "1" } });
  if (answer.missing) {
    throw new Refusal(
      `Terraform's command "${TERRAFORM}" is not on the PATH.`,
      `Install Terraform ${MIN_VERSION} or newer (the command-line tool alone; no account is needed), then try again.`,
    );
  }
  if (!answer.ok) {
    throw new Refusal(`"${TERRAFORM} version" failed: ${answer.stderr || answer.stdout}`);
  }
  return parseVersion(answer.stdout);
}

/**
 * @param {string} output of `terraform version -json`, perhaps after warnings
 * @returns {{ version: string, platform: string }}
 */
export function parseVersion(output) {
  const { terraform_version: version, platform } = JSON.parse(output.slice(output.indexOf("{")));
  if (isOlder(version, MIN_VERSION)) {
    throw new Refusal(`Terraform ${version} is too old.`, `Install Terraform ${MIN_VERSION} or newer.`);
  }
  return { version, platform };
}

/**
 * @param {string} version
 * @param {string} than
 */
function isOlder(version, than) {
  const numbers = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of than.split(".").map(Number).entries()) {
    const number = numbers[index] ?? 0;
    if (number !== wanted) {
      return number < wanted;
    }
  }
  return false;
}
