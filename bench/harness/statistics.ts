import type { Row } from "./part";

/** The middle value. @throws RangeError where there is none */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) {
    throw new RangeError("no samples");
  }
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The row's median as a share of what it is compared with. */
export function ratio(row: Row): number | undefined {
  return row.against && median(row.samples) / median(row.against.samples);
}

/** The ratio of each turn: both of a turn saw the same machine. */
export function ratiosByTurn({ samples, against }: Row): number[] {
  return against ? samples.slice(0, against.samples.length).map((sample, turn) => sample / against.samples[turn]!) : [];
}

/** Whether the row's goal is reached; nothing where there is none. */
export function reached(row: Row): boolean | undefined {
  const { goal } = row;
  if (!goal) {
    return undefined;
  }
  const within = (value: number | undefined, limit: number | undefined): boolean =>
    limit === undefined || (value !== undefined && (row.better === "higher" ? value >= limit : value <= limit));
  return within(median(row.samples), goal.median) && within(ratio(row), goal.ratio);
}

/** A ratio may be worse by this factor before it counts as lost: two runs of the same differ by less. */
const TOLERANCE = 1.25;

/**
 * What was clearly lost since the committed row: the ratio's median is worse by a quarter, and not one turn came out as
 * well as the committed median. Ratios alone: another machine has other times. But a count of events is what it is: it is
 * lost where a single run missed its goal.
 *
 * @returns a sentence, or nothing
 */
export function loss(committed: Row, now: Row): string | undefined {
  if (now.unit === "events") {
    const missed = now.samples.find((sample) => reached({ ...now, samples: [sample] }) === false);
    return missed === undefined ? undefined : `${now.what}: ${missed}`;
  }
  const before = ratio(committed);
  const after = ratio(now);
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const higher = now.better === "higher";
  const worse = (value: number, factor: number): boolean =>
    higher ? value * factor < before : value > before * factor;
  const isLost = worse(after, TOLERANCE) && ratiosByTurn(now).every((turn) => worse(turn, 1));
  return isLost
    ? `${now.what}: ${after.toFixed(2)} times ${now.against!.what}, where it was ${before.toFixed(2)}`
    : undefined;
}

/** Three digits that count; whole numbers from 100 on. */
export function number(value: number): string {
  return String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}
