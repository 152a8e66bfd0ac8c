import { createHash } from "node:crypto";
import { transliterate } from "transliteration";
import type { IdSource } from "./definition";

/** What a roster says of a student. */
export interface Person {
  readonly name?: string;
  readonly email?: string;
  /** The name to log in with. */
  readonly login?: string;
  /** The number or name in the school's student information system. */
  readonly sis?: string;
}

/** The columns that an id comes from where the roster's owner says nothing. */
export const ID_SOURCES: readonly IdSource[] = ["login", "email", "sis", "name"];

const MAX_LENGTH = 32;
const HASH_LENGTH = 8;

/**
 * A student's id, of what the roster says of this student alone: another student more or less changes nothing.
 *
 * The first of the sources that holds something counts; of an address what is before its @. Letters of other scripts are
 * written in Latin ones, and all that is not a-z or 0-9 becomes "-". What begins with a digit or is one letter gets "s-"
 * before it. What is longer than 32 is cut, and a hash of the whole makes up for the end.
 *
 * @returns the id and the source it came from; undefined where none of the sources holds anything
 */
export function studentId(
  person: Person,
  sources: readonly IdSource[] = ID_SOURCES,
): { readonly id: string; readonly source: IdSource } | undefined {
  const source = sources.find((one) => person[one]);
  if (!source) {
    return undefined;
  }
  const text = person[source]!.normalize("NFC");
  const whole = source === "name" ? text : text.replace(/(?<=.)@.*$/s, "");
  const words = transliterate(whole)
    .toLowerCase()
    .replaceAll(/['’`]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
  const started = words === "" ? `s-${hash}` : /^[a-z]./.test(words) ? words : `s-${words}`;
  const id =
    started.length <= MAX_LENGTH
      ? started
      : `${started.slice(0, MAX_LENGTH - HASH_LENGTH - 1).replace(/-$/, "")}-${hash}`;
  return { id, source };
}
