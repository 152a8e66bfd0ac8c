import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RateLimiter, SharedRequests } from "../../platform/rate-limiter";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "requests-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("those who keep one file keep the rate together, also one who comes later", async () => {
  const file = join(folder, "account", "requests");
  const limiter = (): RateLimiter =>
    new RateLimiter([{ requests: 4, seconds: 1 }], undefined, new SharedRequests(file));
  const began = performance.now();
  const [one, two] = [limiter(), limiter()];
  await one.take();
  await two.take();
  await one.take();
  await two.take();
  expect(performance.now() - began).toBeLessThan(900);
  await limiter().take();
  expect(performance.now() - began).toBeGreaterThan(990);
});

test("the file keeps what counts, and of a clock that was put back nothing follows", () => {
  const file = join(folder, "long");
  const times = Array.from({ length: 100 }, (_, index) => 1_700_000_000_000 + index);
  writeFileSync(file, [...times, Date.now() + 3_600_000, ""].join("\n"));
  const requests = new SharedRequests(file);
  expect(requests.last(10)).toEqual(times.slice(-9));
  expect(statSync(file).size).toBe(10 * 14);
  requests.add(1_700_000_000_100);
  expect(requests.last(2)).toEqual([1_700_000_000_100]);
});
