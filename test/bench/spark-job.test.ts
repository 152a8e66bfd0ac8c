import { SameRows, shownRows, timedJob } from "../../bench/support/spark-job";

test("a job's figures are found in what it printed", () => {
  const figures = { seconds: 3.2, processorSeconds: 5, lookSeconds: 0.5, rows: [20, "7"] };
  expect(timedJob(`+---+\n24/11/24 WARN x\nTIMED ${JSON.stringify(figures)}\nbye\n`)).toEqual(figures);
});

test("a job that failed is shown by its last words", () => {
  expect(() => timedJob("Traceback: no topic")).toThrow(/did not say.*\nTraceback: no topic/);
});

test("of what a job shows, the purchases count, whichever host they came from", () => {
  const shown = (host: string): string =>
    `+--+\n| timestamp|Host|event_type|\n|2024-05-17|${host}   |purchase_sword|\nonly showing top 20 rows\n`;
  expect(shownRows(shown("user1.comcast.com"))).toBe("|2024-05-17|host|purchase_sword|");
  expect(shownRows(shown("user2.att.com"))).toBe(shownRows(shown("user1.comcast.com")));
});

test("rows have to be as many as there should be, and the same as the first time", () => {
  const same = new SameRows();
  same.check("a", "7", 20, 20);
  same.check("a", "7", null, 20);
  same.check("b", "8", 20, 20);
  expect(() => same.check("a", "7", 19, 20)).toThrow("a: 19 rows came out, not 20");
  expect(() => same.check("a", "8", 20, 20)).toThrow("a: other rows came out than the first time:\n8\nand before:\n7");
});
