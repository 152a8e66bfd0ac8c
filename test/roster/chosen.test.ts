import { BadInputError } from "../../platform/checks";
import { chosenLabs } from "../../roster/chosen";
import type { LabEntry } from "../../roster/class-file";

const ENTRIES: LabEntry[] = ["alice", "bob", "carol"].map((id) => ({ id, services: {} }));

function ids(text?: string): string[] {
  return chosenLabs(ENTRIES, text).map(({ id }) => id);
}

test("without LABS all are synthesized", () => {
  expect(ids()).toEqual(["alice", "bob", "carol"]);
});

test("LABS names some, in any order, with blanks, twice", () => {
  expect(ids("carol")).toEqual(["carol"]);
  expect(ids(" carol, alice,,alice")).toEqual(["alice", "carol"]);
});

test.each([
  ["alcie", /LABS: there is no lab "alcie". Did you mean "alice"\? Allowed: alice, bob, carol\./],
  ["alice,dora", /there is no lab "dora"/],
  ["", /allowed are ids of labs/],
  [" , ", /allowed are ids of labs/],
])("LABS=%j is refused", (text, message) => {
  expect(() => ids(text)).toThrow(BadInputError);
  expect(() => ids(text)).toThrow(message);
});
