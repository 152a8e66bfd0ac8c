import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { REPOSITORY, REPORTS } from "../setup/paths.mjs";
import { venv } from "../setup/python.mjs";
import { ask } from "../setup/run.mjs";

/**
 * One of the things that `npm test` runs.
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 */

const CACHE = ".lab/cache";
const PYTHON_TESTS = ["jobs/test", "test/images/home"];

/**
 * All of them, the longest first.
 *
 * @returns {Check[]}
 */
export function allChecks() {
  const files = ownFiles();
  const python = files.filter((file) => /\.(py|ipynb)$/.test(file) || runsBy(/python/, file));
  return [
    {
      name: "pytest",
      command: venv("python"),
      args: [
        "-m",
        "pytest",
        "-q",
        "-c",
        "jobs/test/pytest.ini",
        ...PYTHON_TESTS,
        `--junitxml=${join(REPORTS, "pytest.xml")}`,
      ],
    },
    { name: "jest", command: bin("jest"), args: ["--json", `--outputFile=${join(REPORTS, "jest.json")}`] },
    { name: "eslint", command: bin("eslint"), args: [".", "--cache", "--cache-location", `${CACHE}/eslint`] },
    { name: "tsc", command: bin("tsc"), args: ["--incremental", "--tsBuildInfoFile", `${CACHE}/tsc.json`] },
    {
      name: "tsc (front page)",
      command: bin("tsc"),
      args: ["-p", "images/home/web", "--incremental", "--tsBuildInfoFile", `${CACHE}/tsc-home.json`],
    },
    {
      name: "prettier",
      command: bin("prettier"),
      args: ["--check", ".", "--cache", "--cache-location", `${CACHE}/prettier`],
    },
    {
      name: "shellcheck",
      command: venv("shellcheck"),
      args: ["-x", ...files.filter((file) => runsBy(/\b(ba)?sh\b/, file))],
    },
    { name: "hadolint", command: venv("hadolint"), args: files.filter((file) => basename(file) === "Dockerfile") },
    { name: "ruff check", command: venv("ruff"), args: ["check", ...python] },
    { name: "ruff format", command: venv("ruff"), args: ["format", "--check", ...python] },
  ];
}

/** @param {string} command of an npm package */
function bin(command) {
  return join(REPOSITORY, "node_modules", ".bin", command);
}

/** The repository's files, those that are not committed yet among them. */
function ownFiles() {
  const { stdout } = ask("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"], {
    cwd: REPOSITORY,
  });
  return stdout.split("\0").filter(Boolean);
}

/**
 * Whether a script's first line names such an interpreter.
 *
 * @param {RegExp} interpreter
 * @param {string} file
 */
function runsBy(interpreter, file) {
  if (/\.\w+$/.test(file) && !file.endsWith(".sh")) {
    return false;
  }
  try {
    const [first = ""] = readFileSync(join(REPOSITORY, file), "latin1").split("\n", 1);
    return first.startsWith("#!") && interpreter.test(first);
  } catch {
    // Deleted, but git has yet to hear of it.
    return false;
  }
}
