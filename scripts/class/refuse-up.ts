/** What `up` refuses before anything is touched. */
import { BadInputError, refuseAll } from "../../platform/checks";
import { pastTheirEnd } from "../../roster/chosen";
import type { InspectedClass, LabEntry } from "../../roster/class-file";
import { clashMistakes, classMistakes } from "../../stacks/synthesize";
import { accountRoom, noRoom, onDroplet } from "./droplets";

/**
 * Refuses labs that can't or may not come up: what is wrong with them in the class file, an end that is past, more
 * droplets than the account may have.
 *
 * @param inspected the class, and what its file's check found
 * @param entries those of it that are to come up
 * @throws BadInputError naming all of the class file's mistakes
 * @throws CommandFailed or StepFailed when the account can't be asked
 */
export async function refuseUp(
  { result, mistakes }: InspectedClass,
  entries: readonly LabEntry[],
  now?: Date,
): Promise<void> {
  const found = classMistakes({ result: { ...result, labs: entries }, mistakes });
  refuseAll([...found, ...clashesWithOthers(result.labs, entries), ...endsInThePast(pastTheirEnd(entries, now))]);
  if (!entries.some(onDroplet)) {
    return;
  }
  const room = await accountRoom(entries, (message) => console.error(message));
  const problem = noRoom(room);
  if (problem) {
    throw new BadInputError(room.missing[0]!.source?.target(["digitalocean"]) ?? "target", problem);
  }
}

/** What these labs would share with others of the class, which may be up on the same machine. */
function clashesWithOthers(labs: readonly LabEntry[], entries: readonly LabEntry[]): readonly BadInputError[] {
  const machines = entries.map(machineOf).filter((machine) => machine !== undefined);
  const chosen = new Set(entries.map(({ id }) => id));
  const others = labs.filter((lab) => !chosen.has(lab.id) && machines.some((machine) => machine === machineOf(lab)));
  // What is wrong with the others themselves is theirs.
  return others.length === 0 ? [] : clashMistakes(others, entries);
}

/** The machine that a lab shares with others; a droplet is its own. */
function machineOf({ target }: LabEntry): string | undefined {
  switch (target?.kind) {
    case undefined:
      return "";
    case "host":
      return `${target.address}:${target.port}`;
    case "digitalocean":
      return undefined;
  }
}

/** A mistake for each line that says an end which is past, with all labs that have it. */
function endsInThePast(entries: readonly LabEntry[]): BadInputError[] {
  const byPlace = new Map<string, LabEntry[]>();
  for (const entry of entries) {
    const place = entry.source?.expires() ?? "expires";
    byPlace.set(place, [...(byPlace.get(place) ?? []), entry]);
  }
  return [...byPlace].map(([place, labs]) => {
    const ids = labs.map(({ id }) => id).join(", ");
    return new BadInputError(
      place,
      `expires is ${labs[0]!.expires!.text}, which is past: ${ids}. Allowed is a time to come: set a later one, ` +
        `or take these labs away (npm run class -- down --expired). up --skip-expired brings up the others.`,
      ["expires"],
    );
  });
}
