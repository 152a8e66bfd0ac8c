import { App } from "cdktf";
import { Construct } from "constructs";
import { oncePerApp } from "../../platform/once";

test("something is worked out once for an app, and anew for another", () => {
  let count = 0;
  const work = (): number => ++count;
  const app = new App();
  expect(oncePerApp(new Construct(app, "a"), "key", work)).toBe(1);
  expect(oncePerApp(new Construct(app, "b"), "key", work)).toBe(1);
  expect(oncePerApp(new Construct(app, "c"), "other key", work)).toBe(2);
  expect(oncePerApp(new Construct(new App(), "a"), "key", work)).toBe(3);
});

test("nothing counts as worked out, too", () => {
  const app = new App();
  const work = jest.fn(() => undefined);
  oncePerApp(app, "key", work);
  oncePerApp(app, "key", work);
  expect(work).toHaveBeenCalledTimes(1);
});
