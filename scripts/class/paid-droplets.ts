/** What the droplets have cost that a lab had before the present one: `down` notes it in the lab's folder. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeIfChanged } from "../../platform/files";
import { labFolder } from "../../platform/lab-files";
import type { LabCost } from "./class-cost";

interface PaidDroplet {
  /** When it was made, as ISO 8601: by that it is known. */
  readonly since: string;
  /** In US dollars before taxes. */
  readonly cost: number;
}

/** Notes what a lab's droplet has cost that is about to be taken away; again, when that did not end the first time. */
export function notePaid({ lab, since, soFar, earlier }: LabCost): void {
  if (since !== undefined) {
    const others = paid(lab).filter((droplet) => droplet.since !== since);
    writeIfChanged(paidFile(lab), `${JSON.stringify([...others, { since, cost: soFar - earlier }])}\n`);
  }
}

/** What a lab's earlier droplets have cost; `since` tells the one that is there now. */
export function paidEarlier(lab: string, since: Date | undefined): number {
  return paid(lab)
    .filter((droplet) => droplet.since !== since?.toISOString())
    .reduce((sum, { cost }) => sum + cost, 0);
}

function paid(lab: string): readonly PaidDroplet[] {
  const file = paidFile(lab);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PaidDroplet[]) : [];
}

function paidFile(lab: string): string {
  return join(labFolder(lab), "paid-droplets.json");
}
