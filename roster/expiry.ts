import { DateTime, IANAZone } from "luxon";
import { BadInputError, show } from "../platform/checks";

/** When a lab ends. */
export interface Expiry {
  /** The moment. */
  readonly at: Date;
  /** Its day in the class's time zone, such as 2026-12-20. */
  readonly day: string;
  /** For people: day, time and zone. */
  readonly text: string;
}

const ALLOWED = "a day such as 2026-12-20, or a time such as 2026-12-20T18:00 or 2026-12-20T18:00-08:00";
const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$/;

/** Reads a day, which lasts until its end, or a time. @throws BadInputError on one that there is not */
export function parseExpiry(where: string, value: unknown, timeZone: string, option = "expires"): Expiry {
  const text = typeof value === "string" ? value.trim() : "";
  const shaped = DAY.test(text) || TIME.test(text);
  const parsed = DateTime.fromISO(text.replace(" ", "T"), { zone: timeZone });
  if (!shaped || !parsed.isValid) {
    const why = shaped ? `there is no such day or time` : `it is neither`;
    throw new BadInputError(where, `${option} is ${show(value)}; allowed is ${ALLOWED}: ${why}.`, [option]);
  }
  const end = DAY.test(text) ? parsed.endOf("day") : parsed;
  return {
    at: end.toJSDate(),
    day: end.toFormat("yyyy-MM-dd"),
    text: `${end.toFormat("yyyy-MM-dd HH:mm")} ${timeZone}`,
  };
}

/** Refuses what is no time zone. @throws BadInputError */
export function checkTimeZone(where: string, value: string): string {
  if (!IANAZone.isValidZone(value)) {
    throw new BadInputError(
      where,
      `timeZone is ${show(value)}; allowed is an IANA name such as America/Los_Angeles, Europe/Berlin or UTC.`,
      ["timeZone"],
    );
  }
  return value;
}
