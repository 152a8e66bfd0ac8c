import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** What the set-up finds out and makes on this machine; git does not know it. */
export const MACHINE = join(REPOSITORY, ".lab");

/** What the longer commands of the set-up print. */
export const LOGS = join(MACHINE, "log");

/** What the test runners report, for the counts. */
export const REPORTS = join(MACHINE, "reports");

/** The Python environment of the tests and linters. */
export const VENV = join(REPOSITORY, ".venv");
