import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { labHolder, lockLab, withLabLock } from "../../platform/lab-lock";

const LAB = "locked-by-a-test";
const file = join(labFolder(LAB), "lock.json");

afterEach(() => rmSync(labFolder(LAB), { recursive: true, force: true }));

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn("true");
  await new Promise((resolve) => child.on("close", resolve));
  return child.pid!;
}

function writeLock(holder: object): void {
  mkdirSync(labFolder(LAB), { recursive: true });
  writeFileSync(file, JSON.stringify({ purpose: "up", token: "other", ...holder }));
}

test("a lab that somebody works on is refused, naming who; after it it is free, and nothing is left", async () => {
  const lock = await lockLab(LAB, "npm run class -- up");
  await expect(lockLab(LAB, "down")).rejects.toThrow(
    `another process (${process.pid}: npm run class -- up) is at work on the lab "${LAB}"`,
  );
  expect(labHolder(LAB)).toMatchObject({ pid: process.pid, purpose: "npm run class -- up" });
  lock.release();
  expect(labHolder(LAB)).toBeUndefined();
  expect(await withLabLock(LAB, "down", () => Promise.resolve(7))).toBe(7);
  expect(readdirSync(labFolder(LAB))).toEqual([]);
});

test("the lock of a process that is no more is taken over", async () => {
  writeLock({ pid: await endedProcess() });
  await withLabLock(LAB, "up", () => Promise.resolve());
  expect(existsSync(file)).toBe(false);
});

test("so is that of a process whose number another one has now", async () => {
  writeLock({ pid: process.pid, started: "1" });
  await withLabLock(LAB, "up", () => Promise.resolve());
});

test("the Terraform that a killed process left is waited for", async () => {
  const terraform = spawn("sleep", ["0.5"]);
  writeLock({ pid: await endedProcess(), terraform: { pid: terraform.pid } });
  const said: string[] = [];
  const before = Date.now();
  await withLabLock(LAB, "up", () => Promise.resolve(), { onWait: (message) => said.push(message) });
  expect(Date.now() - before).toBeGreaterThan(300);
  expect(said).toEqual([`Terraform (process ${terraform.pid}) of an earlier run is still at the lab "${LAB}"`]);
});

test("of many that take over one lock, one has it at a time", async () => {
  writeLock({ pid: await endedProcess() });
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockLab(LAB, "up")));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
