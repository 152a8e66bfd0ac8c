import { flight } from "../../bench/support/flight";

const PRINTED = `hook jobs: all files are there
canary: game API       1.2 s
canary: Kafka          0.4 s
canary: topic gone     0.6 s
canary: green in 11.0 s
`;

test("a flight's hops and its whole are found in what the canary printed", () => {
  expect(flight(PRINTED)).toEqual({ hops: { "game API": 1.2, Kafka: 0.4, "topic gone": 0.6 }, whole: 11 });
});

test("a canary that did not come through is shown by its last words", () => {
  expect(() => flight('canary: the hop "Hive" failed')).toThrow(/did not come through:\ncanary: the hop "Hive"/);
});
