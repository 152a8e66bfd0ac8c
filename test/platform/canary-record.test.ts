import { rmSync } from "node:fs";
import { lastCanary, recordCanary } from "../../platform/canary-record";
import { labFolder } from "../../platform/lab-files";

const LAB = "recorded-by-a-test";

afterEach(() => rmSync(labFolder(LAB), { recursive: true, force: true }));

test("how the last canary flew is kept, and a broken one still fails", async () => {
  expect(lastCanary(LAB)).toBeUndefined();
  await recordCanary(LAB, () => Promise.resolve());
  expect(lastCanary(LAB)).toMatchObject({ green: true });
  const broken = recordCanary(LAB, () => Promise.reject(new Error('canary: the hop "Hive" failed:\nits log')));
  await expect(broken).rejects.toThrow("its log");
  expect(lastCanary(LAB)).toMatchObject({ green: false, problem: 'canary: the hop "Hive" failed:' });
});

test("a flight that was ended is none", async () => {
  await recordCanary(LAB, () => Promise.resolve());
  const ended = Object.assign(new Error("The operation was aborted"), { name: "AbortError" });
  await expect(recordCanary(LAB, () => Promise.reject(ended))).rejects.toBe(ended);
  expect(lastCanary(LAB)).toMatchObject({ green: true });
});
