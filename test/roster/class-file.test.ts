import fc from "fast-check";
import { stringify } from "yaml";
import { BadInputError } from "../../platform/checks";
import { parseClass, readClass } from "../../roster/class-file";

test("without a class file there is one local lab", () => {
  expect(readClass("/nowhere/class.yaml")).toEqual([{ id: "local", services: {} }]);
});

test("a student's options come over the class's", () => {
  const text = [
    "defaults:",
    "  kafka: { heapMiB: 200, memoryMiB: 500 }",
    "students:",
    "  - id: alice",
    "  - id: bob",
    "    services:",
    "      kafka: { heapMiB: 300 }",
    "      mids: { gameApiPort: 5001 }",
  ].join("\n");
  expect(parseClass("class.yaml", text)).toEqual([
    { id: "alice", services: { kafka: { heapMiB: 200, memoryMiB: 500 } } },
    { id: "bob", services: { kafka: { heapMiB: 300, memoryMiB: 500 }, mids: { gameApiPort: 5001 } } },
  ]);
});

describe("mistakes are named with file and line", () => {
  test.each([
    ["no mapping", "- alice", /class.yaml: the file holds \["alice"\]; allowed is a mapping/],
    ["nothing", "", /class.yaml: the file holds/],
    ["no students", "students: []", /class.yaml:1: students is missing or empty/],
    ["unknown key", "studens:\n  - id: alice", /unknown option "studens". Did you mean "students"/],
    ["not YAML", "students:\n  - id: [", /class.yaml:\d+: /],
    ["a name instead of a mapping", "students:\n  - alice", /class.yaml:2: a student is/],
    [
      "unknown key of a student",
      "students:\n  - id: alice\n    servces: {}",
      /class.yaml:2: unknown option "servces". Did you mean "services"/,
    ],
    ["bad id", "students:\n  - id: alice\n  - id: Bob", /class.yaml:3: the lab's id is "Bob"/],
    [
      "an id twice",
      "students:\n  - id: alice\n  - id: alice",
      /class.yaml:3: the id "alice" is taken already, at class.yaml:2/,
    ],
    ["services that are a list", "students:\n  - id: alice\n    services: [kafka]", /class.yaml:2: services are/],
    [
      "options that are a number",
      "students:\n  - id: alice\n    services: { kafka: 3 }",
      /class.yaml:2: kafka is 3; allowed is a mapping/,
    ],
  ])("%s", (_name, text, message) => {
    expect(() => parseClass("class.yaml", text)).toThrow(BadInputError);
    expect(() => parseClass("class.yaml", text)).toThrow(message);
  });
});

test("any text is read or refused, and ids are unique", () => {
  const student = fc.record({ id: fc.oneof(fc.string(), fc.stringMatching(/^[a-z]{2,5}$/)) });
  const file = fc.oneof(
    fc.string(),
    fc.array(student).map((students) => stringify({ students })),
  );
  fc.assert(
    fc.property(file, (text) => {
      try {
        const ids = parseClass("class.yaml", text).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      } catch (error) {
        expect(error).toBeInstanceOf(BadInputError);
      }
    }),
  );
});
