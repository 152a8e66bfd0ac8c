import fc from "fast-check";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { BadInputError } from "../../platform/checks";
import { REPOSITORY } from "../../platform/repository";
import { inspectClass, LabClass, parseClass, readClass } from "../../roster/class-file";

// Other work on the machine must not fail it.
jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), "class-file-"));

afterAll(() => rmSync(folder, { recursive: true }));

function parse(...lines: string[]): LabClass {
  return parseClass("class.yaml", lines.join("\n"), folder);
}

function mistakes(...lines: string[]): string[] {
  const error = (() => {
    try {
      parse(...lines);
    } catch (caught) {
      return caught as Error;
    }
  })();
  expect(error).toBeInstanceOf(BadInputError);
  return error!.message.split("\n");
}

test("without a class file there is one local lab", () => {
  expect(readClass("/nowhere/class.yaml")).toEqual([{ id: "local", services: {} }]);
});

test("a class file that CLASS_FILE names must be there", () => {
  process.env.CLASS_FILE = "/nowhere/class.yaml";
  try {
    expect(() => readClass()).toThrow(/CLASS_FILE: there is no file/);
  } finally {
    delete process.env.CLASS_FILE;
  }
});

test("a student's options come over the class's, and an override over both", () => {
  const { labs } = parse(
    "defaults:",
    "  kafka: { heapMiB: 200, memoryMiB: 700 }",
    "students:",
    "  - id: alice",
    "  - id: bob",
    "    services:",
    "      kafka: { heapMiB: 300 }",
    "      mids: { gameApiPort: 5001 }",
    "overrides:",
    "  bob: { services: { kafka: { brokerId: 7, heapMiB: 310 } } }",
  );
  expect(labs).toMatchObject([
    { id: "alice", services: { kafka: { heapMiB: 200, memoryMiB: 700 } } },
    {
      id: "bob",
      services: { kafka: { heapMiB: 310, memoryMiB: 700, brokerId: 7 }, mids: { gameApiPort: 5001 } },
    },
  ]);
});

test("keys without a value are as if they were not there", () => {
  expect(
    parse("defaults:", "overrides:", "expires:", "students:", "  - { id: alice, services:, target: }").labs,
  ).toEqual([expect.objectContaining({ id: "alice", services: {}, target: undefined })]);
});

test("a class says its droplets' name and end, each student's keys, and a student's own end counts more", () => {
  const { labs, name, budget } = parse(
    "name: w205",
    "expires: 2099-12-20",
    "timeZone: America/Los_Angeles",
    "budget: { amount: 99.5, currency: USD }",
    "target: { digitalocean: { studentKeyFiles: ['keys/{id}.pub'] } }",
    "students: [{ id: alice }, { id: bob }, { id: carol, expires: '2099-12-24T18:00+01:00' }]",
    "overrides: { bob: { target: { digitalocean: { expires: 2099-12-21, className: other } } } }",
  );
  expect({ name, budget }).toEqual({ name: "w205", budget: { amount: 99.5, currency: "USD" } });
  expect(labs.map(({ target }) => target)).toEqual([
    {
      kind: "digitalocean",
      options: { className: "w205", expires: "2099-12-20", studentKeyFiles: ["keys/alice.pub"] },
    },
    { kind: "digitalocean", options: { className: "other", expires: "2099-12-21", studentKeyFiles: ["keys/bob.pub"] } },
    {
      kind: "digitalocean",
      options: { className: "w205", expires: "2099-12-24", studentKeyFiles: ["keys/carol.pub"] },
    },
  ]);
  expect(labs.map(({ expires }) => expires!.at.toISOString())).toEqual([
    "2099-12-21T07:59:59.999Z",
    "2099-12-22T07:59:59.999Z",
    "2099-12-24T17:00:00.000Z",
  ]);
  expect(labs[2]!.expires!.text).toBe("2099-12-24 09:00 America/Los_Angeles");
});

test("students of a roster beside those of the file, with overrides by id", () => {
  writeFileSync(join(folder, "roster.csv"), "Name,Email\nAlice Liu,alice@example.edu\nBob,bob@example.edu\n");
  const { labs } = parse(
    "roster: { file: roster.csv, ids: { bob@example.edu: robert } }",
    "students: [{ id: teacher }]",
    "overrides: { alice: { services: { mids: { gameApiPort: 5001 } } } }",
  );
  expect(labs).toMatchObject([
    { id: "alice", name: "Alice Liu", email: "alice@example.edu", services: { mids: { gameApiPort: 5001 } } },
    { id: "robert", services: {} },
    { id: "teacher" },
  ]);
});

test("the example is right, and its editors' line names the schema", () => {
  const text = readFileSync(join(REPOSITORY, "class.example.yaml"), "utf8");
  expect(text).toMatch(/^# yaml-language-server: \$schema=roster\/class\.schema\.json\n/);
  expect(parseClass("class.example.yaml", text).labs.map(({ id }) => id)).toEqual(["alice", "bob", "carol"]);
  // With what it shows as comments too.
  const all = text.replaceAll(/^( *)# (?=(state|roster|studentKeyFiles|  s3|  file|  ids)\b)/gm, "$1");
  writeFileSync(join(folder, "roster.csv"), "Email\nalice.liu@example.edu\nzoe@example.edu\n");
  const { labs } = parseClass(
    "class.yaml",
    all.replace('ids: { "alice.liu@example.edu": alice }', "ids: { alice.liu@example.edu: al }"),
    folder,
  );
  expect(labs.map(({ id }) => id)).toEqual(["al", "zoe", "alice", "bob", "carol"]);
  expect(labs[0]!.state).toMatchObject({ bucket: "w205-states", prefix: "w205-fall", encrypt: true, lock: true });
});

describe("mistakes are named with file and line", () => {
  test.each([
    ["no mapping", "- alice", /^class.yaml:1: the file is \["alice"\]; allowed is a mapping/],
    ["nothing", "", /^class.yaml: students is missing/],
    ["no students", "students: []", /^class.yaml:1: students is missing or empty/],
    ["unknown key", "studens:\n  - id: alice", /^class.yaml:1: unknown option "studens". Did you mean "students"/],
    ["not YAML", "students:\n  - id: [", /^class.yaml:\d+: /],
    ["a key twice", "students:\n  - id: alice\nstudents: []", /^class.yaml:3: Map keys must be unique/],
    [
      "a name instead of a mapping",
      "students:\n  - alice",
      /^class.yaml:2: item 1 of students is "alice"; allowed is a map/,
    ],
    [
      "unknown key of a student",
      "students:\n  - id: alice\n    servces: {}",
      /^class.yaml:3: unknown option "servces". Did you mean "services"/,
    ],
    ["no id", "students:\n  - name: Alice", /^class.yaml:2: id is missing/],
    [
      "bad id",
      "students:\n  - id: alice\n  - id: Bob",
      /^class.yaml:3: id is "Bob"\. The lab's id: 2 to 32 of a-z, 0-9/,
    ],
    ["bad id", "students:\n  - id: a--b", /^class.yaml:2: the lab's id is "a--b"; allowed are 2 to 32/],
    [
      "an id twice",
      "students:\n  - id: alice\n  - id: alice",
      /^class.yaml:3: the id "alice" is taken already, at class.yaml:2/,
    ],
    [
      "a list of services",
      "students:\n  - id: alice\n    services: [kafka]",
      /^class.yaml:3: services is \["kafka"\]; allow/,
    ],
    [
      "options that are a number",
      "students:\n  - id: alice\n    services: { kafka: 3 }",
      /^class.yaml:3: kafka is 3; allowed is a mapping/,
    ],
    [
      "an unknown option of a service",
      "defaults:\n  spark:\n    driverMemoryMib: 3\nstudents: [{ id: alice }]",
      /^class.yaml:3: unknown option "driverMemoryMib". Did you mean "driverMemoryMiB"/,
    ],
    [
      "an option of the wrong kind",
      "defaults: { kafka: { heapMiB: big } }\nstudents: [{ id: al }]",
      /heapMiB is "big"; allowed is a number/,
    ],
    [
      "a number as an expiry",
      "expires: 20261220\nstudents: [{ id: al }]",
      /^class.yaml:1: expires is 20261220; allowed is a text/,
    ],
    [
      "a day that there is not",
      "expires: 2027-02-29\nstudents: [{ id: al }]",
      /^class.yaml:1: expires is "2027-02-29"; .*there is no such day/,
    ],
    [
      "no day",
      "students:\n - id: al\n   expires: soon",
      /^class.yaml:3: expires is "soon"; allowed is a day such as 2026-12-20/,
    ],
    [
      "an unknown time zone",
      "timeZone: Mars/Olympus\nstudents: [{ id: al }]",
      /^class.yaml:1: timeZone is "Mars\/Olympus"/,
    ],
    [
      "other money",
      "budget: { amount: 5, currency: EUR }\nstudents: [{ id: al }]",
      /currency is "EUR"; allowed is USD/,
    ],
    [
      "no money",
      "budget: { amount: -5, currency: USD }\nstudents: [{ id: al }]",
      /amount is -5; allowed is a number above 0/,
    ],
    [
      "an override of nobody",
      "students: [{ id: alice }]\noverrides:\n  alcie: {}",
      /^class.yaml:3: there is no student "alcie" in the class. Did you mean "alice"/,
    ],
    ["no roster", "roster: nowhere.csv", /^class.yaml:1: there is no roster "nowhere.csv"/],
    ["a folder as roster", 'roster: ""', /^class.yaml:1: there is no roster ""/],
    [
      "a bad bucket",
      "state:\n  s3:\n    bucket: A\nstudents: [{ id: al }]",
      /^class.yaml:3: bucket is "A"; allowed is/,
    ],
    [
      "an open endpoint",
      "state: { s3: { bucket: abc, endpoint: 'http://lab.example' } }\nstudents: [{ id: al }]",
      /endpoint is "http/,
    ],
    [
      "aliases without end",
      `a: &a [1]\n${[..."bcdefgh"].map((key, i) => `${key}: &${key} [${"*" + "abcdefg"[i] + ", "}*${"abcdefg"[i]}]`).join("\n")}`,
      /^class.yaml/,
    ],
  ])("%s", (_name, text, message) => {
    expect(mistakes(text)[0]).toMatch(message);
  });

  test("all of them at once", () => {
    expect(
      mistakes(
        "nme: w205",
        "expires: never",
        "defaults: { kafka: { heapMib: 3 } }",
        "students:",
        "  - id: alice",
        "    target: { digitalocean: { regoin: fra1 } }",
        "  - id: alice",
        "  - bob",
        "  - id: carol",
        "    target: { host: lab.example, hostKey: x }",
      ).map((line) => line.slice(0, 60)),
    ).toEqual([
      expect.stringMatching(/^class.yaml:1: unknown option "nme"/),
      expect.stringMatching(/^class.yaml:2: expires is "never"/),
      expect.stringMatching(/^class.yaml:3: unknown option "heapMib"/),
      expect.stringMatching(/^class.yaml:6: unknown option "regoin"/),
      expect.stringMatching(/^class.yaml:7: the id "alice" is taken/),
      expect.stringMatching(/^class.yaml:8: item 3 of students is "bob"/),
      expect.stringMatching(/^class.yaml:10: hostKey is "x"/),
      expect.stringMatching(/^class.yaml:10: host is "lab.example"/),
    ]);
  });
});

test("what is wrong is left out of an inspected class, and the rest is there", () => {
  const file = join(folder, "class.yaml");
  writeFileSync(file, "students: [{ id: alice, services: { kafka: { heapMiB: big, brokerId: 3 } } }, { id: Bob }]");
  const { result, mistakes: found } = inspectClass(file);
  expect(found).toHaveLength(2);
  expect(result.labs).toMatchObject([{ id: "alice", services: { kafka: { brokerId: 3 } } }]);
});

test("any text is read or refused, and ids are unique", () => {
  const id = fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{2,5}$/));
  const student = fc.record(
    { id, name: fc.string(), email: fc.string(), target: fc.jsonValue(), services: fc.jsonValue() },
    { requiredKeys: ["id"] },
  );
  const known = fc.record(
    {
      name: fc.jsonValue(),
      expires: fc.jsonValue(),
      timeZone: fc.jsonValue(),
      budget: fc.jsonValue(),
      target: fc.jsonValue(),
      state: fc.jsonValue(),
      defaults: fc.jsonValue(),
      overrides: fc.jsonValue(),
      roster: fc.jsonValue(),
      students: fc.array(student),
    },
    { requiredKeys: ["students"] },
  );
  const file = fc.oneof(
    fc.string(),
    fc.array(fc.record({ id })).map((students) => stringify({ students })),
    known.map((content) => stringify(content)),
  );
  fc.assert(
    fc.property(file, (text) => {
      try {
        const ids = parseClass("class.yaml", text, folder).labs.map((lab) => lab.id);
        expect(new Set(ids).size).toBe(ids.length);
      } catch (error) {
        expect(error).toBeInstanceOf(BadInputError);
      }
    }),
    { numRuns: 300 },
  );
});
