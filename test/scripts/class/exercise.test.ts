import { allDone, DataFacts, Facts, grade } from "../../../scripts/class/exercise";

const filled = { rows: 20, empty: [] };
const tables = { purchases2: filled, purchases: filled, purchase_events: filled };
const data = {
  events: {
    messages: 40,
    lookedAt: 40,
    found: [
      { type: "default", host: "user1.comcast.com", count: 20 },
      { type: "purchase_sword", host: "user1.comcast.com", count: 10 },
      { type: "purchase_sword", host: "user2.att.com", count: 10 },
    ],
    end: { "0": 40 },
  },
  purchases: { files: 1, counted: 1, rows: 20, broken: [] },
  swords: { files: 3, counted: 3, rows: 30, broken: [] },
  checkpoint: { batches: 3, offsets: { "0": 40 } },
  tables,
  w205: { edited: [], own: 1, missing: [], notebooks: ["trial.ipynb"] },
} satisfies DataFacts;
const done: Facts = { data, hive: tables, streaming: true };

const not = (facts: Partial<Facts>): Record<string, string> =>
  Object.fromEntries(
    grade({ ...done, ...facts })
      .filter(({ done }) => !done)
      .map(({ step, seen }) => [step, seen]),
  );

test("a lab with all of it is done, and says what was seen", () => {
  const steps = grade(done);
  expect(allDone(steps)).toBe(true);
  expect(steps.map(({ step, seen }) => `${step} ${seen}`)).toEqual([
    "1 40 events: 20 default, 20 purchase_sword",
    "3 purchases by host: user1.comcast.com 10, user2.att.com 10",
    "4 1 file in /tmp/purchases, 20 rows",
    "6 20 rows, every column filled",
    "7 20 rows, every column filled",
    "8 20 rows, every column filled",
    "12 3 files in /tmp/sword_purchases, 30 rows; 3 batches done; the job runs",
    "13 trial.ipynb; no job edited; 1 file of their own",
  ]);
});

test.each<[string, Partial<Facts>, Record<string, string>]>([
  [
    "no topic",
    { data: { ...data, events: null } },
    { "1": "there is no topic events", "3": "there is no topic events" },
  ],
  [
    "only purchases, of one host",
    {
      data: {
        ...data,
        events: { ...data.events, found: [{ type: "purchase_sword", host: "localhost:5000", count: 40 }] },
      },
    },
    {
      "1": "40 events: 0 default, 40 purchase_sword",
      "3": "purchases by host: localhost:5000 40",
    },
  ],
  [
    "no parquet",
    { data: { ...data, purchases: { files: 0, counted: 0, rows: 0, broken: [] } } },
    { "4": "no parquet file in /tmp/purchases" },
  ],
  [
    "a broken file",
    { data: { ...data, purchases: { files: 1, counted: 1, rows: 0, broken: ["/tmp/purchases/a: no parquet file"] } } },
    { "4": "/tmp/purchases/a: no parquet file" },
  ],
  [
    "nulls in a column, by the notes' own DDL",
    { hive: { ...tables, purchases2: { rows: 20, empty: ["user_agent"] } } },
    { "6": "Hive: no value in user_agent" },
  ],
  [
    "a table that is not there, and an empty one",
    {
      data: {
        ...data,
        tables: { ...tables, purchases: { problem: "no such table" }, purchase_events: { rows: 0, empty: [] } },
      },
    },
    { "7": "Presto: no rows", "8": "Presto: no such table" },
  ],
  [
    "a stream that wrote one batch and was stopped",
    { data: { ...data, checkpoint: { batches: 1, offsets: { "0": 39 } } }, streaming: false },
    { "12": "3 files in /tmp/sword_purchases, 30 rows; 1 batch done; the job is stopped, 1 event behind" },
  ],
  [
    "no notebook, a deleted job",
    { data: { ...data, w205: { edited: ["a.py"], own: 0, missing: ["b.py"], notebooks: [] } } },
    { "13": "none in /w205; edited jobs: a.py; 0 files of their own; deleted: b.py" },
  ],
  [
    "Hive does not answer",
    { hive: { problem: "Hive does not answer: no reply in 120 s" } },
    Object.fromEntries(["6", "7", "8"].map((step) => [step, "Hive does not answer: no reply in 120 s"])),
  ],
  [
    "nothing can be seen",
    { data: { problem: "the look ended with 137" } },
    Object.fromEntries(["1", "3", "4", "6", "7", "8", "12", "13"].map((step) => [step, "the look ended with 137"])),
  ],
])("not done: %s", (_name, facts, expected) => {
  expect(not(facts)).toEqual(expected);
});

test("of a long topic or folder it says how much was looked at", () => {
  const many: Facts = {
    ...done,
    data: {
      ...data,
      events: { ...data.events, messages: 1_000_000, lookedAt: 20_000, found: data.events.found },
      swords: { files: 900, counted: 50, rows: 500, broken: [] },
    },
  };
  const seen = grade(many).map(({ seen }) => seen);
  expect(seen[0]).toBe("1,000,000 events: 20 default, 20 purchase_sword, 19960 other, of the 20000 looked at");
  expect(seen[6]).toContain("900 files in /tmp/sword_purchases, 500 rows, in the first 50");
});
