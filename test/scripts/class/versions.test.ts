import fc from "fast-check";
import { laterVersions } from "../../../scripts/class/versions";

test("a lab takes what an earlier or the same one made, not what a later one did", () => {
  const lab = { Kafka: "3.9.1", Hive: "3.1.3" };
  expect(laterVersions({ Kafka: "3.9.1", Hive: "2.3.10", Gone: "1" }, lab)).toEqual([]);
  expect(laterVersions({ Kafka: "3.10.0", Hive: "3.1.3" }, lab)).toEqual(["Kafka 3.10.0, the lab has 3.9.1"]);
  expect(laterVersions({ Kafka: "3.9.1" }, {})).toEqual([]);
});

test("versions compare number by number", () => {
  const version = fc.array(fc.nat(200), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(version, version, (one, other) => {
      const place = one.findIndex((number, at) => number !== other[at]);
      const later = place >= 0 && one[place]! > other[place]!;
      expect(laterVersions({ a: one.join(".") }, { a: other.join(".") })).toHaveLength(later ? 1 : 0);
    }),
  );
});
