import { liveLines, PlainProgress } from "../../../scripts/class/progress";

test("plain lines tell a step once, not each ten seconds of it", () => {
  const lines: string[] = [];
  const progress = new PlainProgress(["ann", "benjamin"], (line) => lines.push(line));
  progress.step("ann", "making image kafka");
  progress.step("ann", "making image kafka (10s)");
  progress.step("benjamin", "making image kafka (20s)");
  progress.end("ann", "done in 30 s");
  expect(lines).toEqual([
    "ann       making image kafka",
    "benjamin  making image kafka (20s)",
    "ann       done in 30 s",
  ]);
});

describe("live lines", () => {
  const labs = Array.from({ length: 30 }, (_, index) => `lab-${index}`);
  const steps = new Map([["lab-3", "making container kafka"]]);

  test("show who is at work, then who is done, and count the rest", () => {
    const lines = liveLines(labs, steps, new Map([["lab-0", "done in 60 s"]]), 24, 80);
    expect(lines).toEqual(["lab-3   making container kafka", "lab-0   done in 60 s", "(28 waiting)"]);
  });

  test("fit the terminal", () => {
    const ended = new Map(labs.slice(4).map((lab) => [lab, "done".repeat(40)]));
    const lines = liveLines(labs, steps, ended, 10, 40);
    expect(lines).toHaveLength(9);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(40);
    expect(lines.at(-1)).toBe("(19 more, 3 waiting)");
  });
});
