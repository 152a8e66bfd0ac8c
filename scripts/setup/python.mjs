import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canInstall, install } from "./apt.mjs";
import { REPOSITORY, VENV } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask, work } from "./run.mjs";

const REQUIREMENTS = ["jobs/test/requirements.txt", "scripts/lint-requirements.txt"];
const STAMP = join(VENV, ".lab-requirements");
/** The images' own is this one. */
const MIN_PYTHON = "3.11";
const FITS = "import sys; sys.exit(sys.version_info < (3, 11))";

/** @type {import("./steps.mjs").Step} */
export const pythonPackages = {
  name: "Python packages of the tests",
  run(say) {
    const files = REQUIREMENTS.map((file) => join(REPOSITORY, file));
    const stamp = createHash("sha256")
      .update(files.map((file) => readFileSync(file, "utf8")).join())
      .digest("hex");
    if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === stamp && ask(venv("python"), ["--version"]).ok) {
      return "there already";
    }
    const python = findPython();
    if (!ask(python, ["-c", "import ensurepip, venv"]).ok) {
      needVenv(say, python);
    }
    say("pip install into .venv, about a minute");
    work("venv", python, ["-m", "venv", "--clear", VENV]);
    const requirements = files.flatMap((file) => ["-r", file]);
    work("pip", venv("python"), [
      "-m",
      "pip",
      "install",
      "--require-hashes",
      "--disable-pip-version-check",
      ...requirements,
    ]);
    writeFileSync(STAMP, stamp);
    return "installed";
  },
};

/** @type {import("./steps.mjs").Step} */
export const java = {
  name: "Java of the jobs' tests",
  run(say) {
    const found = ask("java", ["-version"]);
    if (found.ok) {
      return /version "([^"]+)"/.exec(found.stderr)?.[1] ?? "there already";
    }
    if (!canInstall()) {
      throw new Refusal(
        "There is no Java; the jobs' tests run a Spark session.",
        "Install a Java 17 run-time, then try again.",
      );
    }
    say("installing openjdk-17-jre-headless by apt-get, as root");
    install(["openjdk-17-jre-headless"]);
    return "installed";
  },
};

/**
 * A command of the Python environment.
 *
 * @param {string} command
 */
export function venv(command) {
  return join(VENV, "bin", command);
}

function findPython() {
  const names = process.env.PYTHON ? [process.env.PYTHON] : ["python3", "python3.13", "python3.12", "python3.11"];
  const found = names.find((name) => ask(name, ["-c", FITS]).ok);
  if (!found) {
    throw new Refusal(
      `There is no Python ${MIN_PYTHON} or newer (looked for ${names.join(", ")}).`,
      "Install one, or name it in the environment's PYTHON, then try again.",
    );
  }
  return found;
}

/**
 * @param {import("./steps.mjs").Say} say
 * @param {string} python
 */
function needVenv(say, python) {
  if (!canInstall()) {
    throw new Refusal(
      `${python} can't make virtual environments.`,
      "Install its venv module (Debian and Ubuntu: sudo apt-get install python3-venv), then try again.",
    );
  }
  say("installing python3-venv by apt-get, as root");
  install(["python3-venv"]);
}
