import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";

interface State {
  readonly outputs?: { readonly versions?: { readonly value?: Readonly<Record<string, string>> } };
}

/** The versions of what a lab's last deploy brought up; empty where its state is not on this machine. */
export function deployedVersions(lab: string): Readonly<Record<string, string>> {
  const file = join(labFolder(lab), "terraform.tfstate");
  return existsSync(file) ? ((JSON.parse(readFileSync(file, "utf8")) as State).outputs?.versions?.value ?? {}) : {};
}

/** What of `saved` is of a later version than the lab has, in words. */
export function laterVersions(
  saved: Readonly<Record<string, string>>,
  lab: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(saved)
    .filter(([name, version]) => lab[name] !== undefined && compare(version, lab[name]) > 0)
    .map(([name, version]) => `${name} ${version}, the lab has ${lab[name]}`);
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, "en", { numeric: true });
}
