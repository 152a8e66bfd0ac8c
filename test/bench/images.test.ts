import { layersOf } from "../../bench/support/images";

test("layers that two images share have one id", () => {
  const base = ["sha256:b 0", "<missing> 40", "<missing> 60"];
  const one = layersOf(["sha256:c 5", ...base]);
  const other = layersOf(["sha256:d 7", ...base]);
  expect(one.map(({ bytes }) => bytes)).toEqual([60, 40, 0, 5]);
  expect(one.slice(0, 3)).toEqual(other.slice(0, 3));
  expect(one[3]!.id).not.toBe(other[3]!.id);
});

test("layers of one size on different layers are different ones", () => {
  const [, over60] = layersOf(["<missing> 40", "<missing> 60"]);
  const [, over50] = layersOf(["<missing> 40", "<missing> 50"]);
  expect(over60!.id).not.toBe(over50!.id);
});
