import fc from "fast-check";
import type { Row } from "../../bench/harness/part";
import { loss, median, number, ratio, reached } from "../../bench/harness/statistics";

function row(samples: number[], theirs?: number[], more: Partial<Row> = {}): Row {
  return { id: "a", what: "ours", unit: "s", samples, against: theirs && { what: "theirs", samples: theirs }, ...more };
}

test("the median lies in the middle of any samples", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(() => median([])).toThrow(RangeError);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
      const middle = median(samples);
      const below = samples.filter((sample) => sample <= middle).length;
      const above = samples.filter((sample) => sample >= middle).length;
      expect(Math.min(below, above) * 2).toBeGreaterThanOrEqual(samples.length);
    }),
  );
});

test("a goal is reached at its limit, in the direction that is the better one", () => {
  expect(reached(row([1]))).toBeUndefined();
  expect(reached(row([12], undefined, { goal: { median: 12 } }))).toBe(true);
  expect(reached(row([12.1], undefined, { goal: { median: 12 } }))).toBe(false);
  expect(reached(row([3], [2], { goal: { ratio: 1.5, median: 2 } }))).toBe(false);
  expect(reached(row([3], [2], { goal: { ratio: 1.5 }, better: "higher" }))).toBe(true);
  expect(reached(row([2], [2], { goal: { ratio: 1.5 }, better: "higher" }))).toBe(false);
  expect(ratio(row([3]))).toBeUndefined();
});

test("a loss is a ratio that is worse by more than a quarter in the middle, and worse in each turn", () => {
  const before = row([10, 10, 10], [10, 10, 10]);
  expect(loss(before, row([12, 12, 12], [10, 10, 10]))).toBeUndefined();
  expect(loss(before, row([20, 20, 9], [10, 10, 10]))).toBeUndefined();
  expect(loss(before, row([20, 20, 20], [20, 20, 20]))).toBeUndefined();
  expect(loss(before, row([13, 14, 15], [10, 10, 10]))).toBe("ours: 1.40 times theirs, where it was 1.00");
  // Without anything beside it a time says nothing on another machine.
  expect(loss(row([1]), row([100]))).toBeUndefined();
});

test("where higher is better, a loss is a lower ratio", () => {
  const better = "higher";
  const before = row([30, 30], [10, 10], { better });
  expect(loss(before, row([60, 60], [10, 10], { better }))).toBeUndefined();
  expect(loss(before, row([20, 20], [10, 10], { better }))).toContain("2.00 times theirs, where it was 3.00");
});

test("figures show the digits that count", () => {
  expect([0.01234, 1, 12.34, 99.99, 1234.5].map(number)).toEqual(["0.0123", "1", "12.3", "100", "1235"]);
});

test("a single run that lost an event is a loss, whatever the committed one did", () => {
  const events: Partial<Row> = { unit: "events", goal: { median: 0 } };
  expect(loss(row([0], undefined, events), row([0, 0], undefined, events))).toBeUndefined();
  expect(loss(row([0], undefined, events), row([0, 2, 0], undefined, events))).toBe("ours: 2");
  expect(loss(row([3]), row([4], undefined, { unit: "events" }))).toBeUndefined();
});
