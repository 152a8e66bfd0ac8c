import { readClass } from "../../roster/class-file";
import { readState } from "../../stacks/lab-state";

interface State {
  readonly outputs?: { readonly versions?: { readonly value?: Readonly<Record<string, string>> } };
}

/** The versions of what a lab's last deploy brought up; empty where it has no state. @throws StateUnreachable */
export async function deployedVersions(lab: string): Promise<Readonly<Record<string, string>>> {
  const { state } = readClass().find(({ id }) => id === lab) ?? {};
  const text = await readState({ id: lab, state }, "terraform.tfstate");
  return text ? ((JSON.parse(text) as State).outputs?.versions?.value ?? {}) : {};
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
