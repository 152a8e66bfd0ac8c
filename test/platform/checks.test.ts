import fc from "fast-check";
import {
  BadInputError,
  checkBindAddress,
  checkEnvironment,
  checkHeap,
  checkInteger,
  checkLabId,
  checkOptions,
  checkPublishedPort,
  nearest,
  show,
} from "../../platform/checks";

describe("a refusal names the place, the value and what is allowed", () => {
  test.each<[string, () => void, RegExp]>([
    [
      "unknown option",
      () => checkOptions("lab/kafka", { heapMib: 1 }, ["heapMiB"]),
      /lab\/kafka: unknown option "heapMib". Did you mean "heapMiB"\? Allowed: heapMiB/,
    ],
    [
      "option like no other",
      () => checkOptions("lab/kafka", { zzzzzz: 1 }, ["heapMiB"]),
      /unknown option "zzzzzz"\. Allowed: heapMiB/,
    ],
    [
      "fraction",
      () => checkInteger("x", "brokerId", 1.5, 0, 10),
      /brokerId is 1.5; allowed is a whole number from 0 to 10/,
    ],
    ["text for a number", () => checkInteger("x", "brokerId", "one", 0, 10), /brokerId is "one"/],
    [
      "heap over memory",
      () => checkHeap("x", "heapMiB", 500, 512, 96, 32),
      /heapMiB is 500, but the container has memoryMiB 512.*up to 416/,
    ],
    [
      "privileged port",
      () => checkPublishedPort("x", "jupyterPort", 80),
      /jupyterPort is 80; allowed is a whole number from 1024 to 65535/,
    ],
    ["port above all ports", () => checkPublishedPort("x", "jupyterPort", 70000), /70000/],
    [
      "name for an address",
      () => checkBindAddress("x", "bindAddress", "localhost"),
      /bindAddress is "localhost"; allowed is one IPv4 address/,
    ],
    ["address out of range", () => checkBindAddress("x", "bindAddress", "256.0.0.1"), /256/],
    ["environment name", () => checkEnvironment("x", { "A-B": "1" }), /the name "A-B"/],
    ["environment value", () => checkEnvironment("x", { A: 1 }), /environment A is 1; allowed is a string/],
    [
      "id with capitals",
      () => checkLabId("class.yaml:3", "Alice"),
      /class.yaml:3: the lab's id is "Alice"; allowed are 2 to 32/,
    ],
    ["no id", () => checkLabId("class.yaml:3", undefined), /id is undefined/],
  ])("%s", (_name, check, message) => {
    expect(check).toThrow(BadInputError);
    expect(check).toThrow(message);
  });
});

test("every id that is allowed is a valid host name's label, and no other text passes", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z][a-z0-9-]{0,40}$/)), (id) => {
      const allowed = /^(?!.*--)[a-z][a-z0-9-]*[a-z0-9]$/.test(id) && id.length <= 32;
      if (allowed) {
        expect(() => checkLabId("x", id)).not.toThrow();
      } else {
        expect(() => checkLabId("x", id)).toThrow(BadInputError);
      }
    }),
  );
});

test("any address that is accepted has four numbers up to 255", () => {
  const octet = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
      const check = (): void => checkBindAddress("x", "bindAddress", octets.join("."));
      if (octets.every((number) => number <= 255)) {
        expect(check).not.toThrow();
      } else {
        expect(check).toThrow(BadInputError);
      }
    }),
  );
});

test("a message stays one short line whatever the value", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true }), (value) => {
      expect(show(value).length).toBeLessThanOrEqual(80);
      expect(show(value)).not.toContain("\n");
    }),
  );
});

test("a word is near to itself with one letter wrong, and to nothing when all is other", () => {
  expect(nearest("memoryMib", ["memoryMiB", "heapMiB"])).toBe("memoryMiB");
  expect(nearest("qqqqqqq", ["memoryMiB", "heapMiB"])).toBeUndefined();
});
