import { BadInputError, nearest, show } from "../platform/checks";
import type { LabEntry } from "./class-file";

/** The environment's variable that names the labs to synthesize: one or more ids, with commas between. */
export const CHOSEN_LABS = "LABS";

/**
 * The labs that the environment's LABS names, in the class's order; all of them without it. So one student's deploy
 * does not cost what the whole class's does.
 *
 * @throws BadInputError when LABS names no lab, or one that there is not
 */
export function chosenLabs(entries: readonly LabEntry[], text = process.env[CHOSEN_LABS]): LabEntry[] {
  return text === undefined ? [...entries] : pickLabs(CHOSEN_LABS, entries, text.split(","));
}

/** Those whose end is past. */
export function pastTheirEnd(entries: readonly LabEntry[], now = new Date()): LabEntry[] {
  return entries.filter(({ expires }) => expires !== undefined && expires.at <= now);
}

/** The labs with these ids, in the class's order. @throws BadInputError on an id that no lab has, or on none */
export function pickLabs(where: string, entries: readonly LabEntry[], ids: readonly string[]): LabEntry[] {
  const wanted = new Set(ids.map((id) => id.trim()).filter(Boolean));
  const known = entries.map(({ id }) => id);
  if (wanted.size === 0) {
    throw new BadInputError(where, `it is ${show(ids.join(","))}; allowed are ids of labs, such as ${known[0]}.`);
  }
  for (const id of wanted) {
    if (!known.includes(id)) {
      const near = nearest(id, known);
      const some = known.slice(0, 20).join(", ") + (known.length > 20 ? `, ... (${known.length} in all)` : "");
      throw new BadInputError(
        where,
        `there is no lab ${show(id)}.${near ? ` Did you mean "${near}"?` : ""} Allowed: ${some}.`,
      );
    }
  }
  return entries.filter(({ id }) => wanted.has(id));
}
