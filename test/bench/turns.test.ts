import { turns } from "../../bench/harness/turns";

test("contestants take turns, and keep their samples in order", async () => {
  const order: string[] = [];
  const contestant = (name: string, from: number) => {
    let next = from;
    return (): Promise<number> => {
      order.push(name);
      return Promise.resolve(next++);
    };
  };
  const pauses: number[] = [];
  const samples = await turns(
    { a: contestant("a", 1), b: contestant("b", 11) },
    {
      runs: 3,
      say: () => undefined,
      beforeTurn: () => {
        pauses.push(order.length);
        return Promise.resolve();
      },
    },
  );
  expect(order.join("")).toBe("ababab");
  expect(samples).toEqual({ a: [1, 2, 3], b: [11, 12, 13] });
  expect(pauses).toEqual([0, 1, 2, 3, 4, 5]);
});
