import { served } from "../../bench/support/served";

test("a game API's figures are found in what served.py printed", () => {
  expect(served('%6|rdkafka\nSERVED {"answered": 5000, "missing": 0}\n')).toEqual({ answered: 5000, missing: 0 });
});

test("without them its last words are shown", () => {
  expect(() => served("the server does not listen on 5000")).toThrow(/not measured:\nthe server does not listen/);
});
