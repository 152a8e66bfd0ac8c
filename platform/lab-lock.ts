import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { labFolder } from "./lab-files";

/** A lab's lock: one process at a time changes a lab. */
export interface LabLock {
  /** Notes the Terraform that works for the holder: it outlives a holder that is killed, and is then waited for. */
  noteTerraform(pid: number): void;
  release(): void;
}

/** How a lock is taken. */
export interface LabLockOptions {
  /** Told why the lock is waited for. */
  readonly onWait?: (message: string) => void;
  /**
   * Ends the waiting.
   * @default - never
   */
  readonly signal?: AbortSignal;
}

/** Another process is at work on the lab. */
export class LabBusy extends Error {}

/** A process, told apart from a later one of the same number. */
interface ProcessName {
  readonly pid: number;
  /** When it was started, as the system counts. Unknown where the system does not say. */
  readonly started?: string;
}

interface Holder extends ProcessName {
  readonly purpose: string;
  readonly token: string;
  readonly terraform?: ProcessName;
}

/** Does some work on a lab while no other process may. @throws LabBusy */
export async function withLabLock<T>(
  lab: string,
  purpose: string,
  work: (lock: LabLock) => Promise<T>,
  options: LabLockOptions = {},
): Promise<T> {
  const lock = await lockLab(lab, purpose, options);
  try {
    return await work(lock);
  } finally {
    lock.release();
  }
}

/**
 * Takes a lab's lock. One of a process that is no more is taken over, when the Terraform that it left has ended too.
 *
 * @param purpose the command that works on the lab, for the message that another one gets
 * @throws LabBusy naming who has it
 */
export async function lockLab(lab: string, purpose: string, options: LabLockOptions = {}): Promise<LabLock> {
  const file = lockFile(lab);
  mkdirSync(labFolder(lab), { recursive: true });
  const own: Holder = { ...processName(process.pid), purpose, token: randomBytes(8).toString("hex") };
  while (!take(file, own)) {
    const holder = readHolder(file);
    if (!holder) {
      continue;
    }
    if (isAlive(holder)) {
      throw new LabBusy(`another process (${holder.pid}: ${holder.purpose}) is at work on the lab "${lab}"`);
    }
    await afterTerraform(lab, holder, options);
    remove(file, holder);
  }
  return {
    noteTerraform: (pid) => replace(file, { ...own, terraform: processName(pid) }),
    release: () => remove(file, own),
  };
}

/** Who works on a lab now, if anybody. */
export function labHolder(lab: string): { readonly pid: number; readonly purpose: string } | undefined {
  const holder = readHolder(lockFile(lab));
  return holder && isAlive(holder) ? holder : undefined;
}

function lockFile(lab: string): string {
  return join(labFolder(lab), "lock.json");
}

async function afterTerraform(lab: string, { terraform }: Holder, options: LabLockOptions): Promise<void> {
  if (terraform && isAlive(terraform)) {
    options.onWait?.(`Terraform (process ${terraform.pid}) of an earlier run is still at the lab "${lab}"`);
    while (isAlive(terraform)) {
      await sleep(250, undefined, { signal: options.signal });
    }
  }
}

/** The file comes with its content, or not at all. */
function take(file: string, holder: Holder): boolean {
  const whole = `${file}.${holder.token}`;
  writeFileSync(whole, JSON.stringify(holder));
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    return false;
  } finally {
    rmSync(whole, { force: true });
  }
}

function replace(file: string, holder: Holder): void {
  const whole = `${file}.${holder.token}`;
  writeFileSync(whole, JSON.stringify(holder));
  renameSync(whole, file);
}

/** Removes this holder's lock, and no other's: one that came in between is put back. */
function remove(file: string, holder: Holder): void {
  const aside = `${file}.${holder.token}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // Another process was quicker.
  }
  if (readHolder(aside)?.token !== holder.token && !existsSync(file)) {
    renameSync(aside, file);
  }
  rmSync(aside, { force: true });
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function processName(pid: number): ProcessName {
  return { pid, started: startOf(pid) };
}

function isAlive({ pid, started }: ProcessName): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") {
      return false;
    }
  }
  const now = stat(pid);
  // A zombie is dead, though its parent has not asked yet how it ended.
  return now === undefined || (now.state !== "Z" && (started === undefined || now.started === started));
}

function startOf(pid: number): string | undefined {
  return stat(pid)?.started;
}

/** What Linux tells of a process. Undefined elsewhere. */
function stat(pid: number): { readonly state: string; readonly started: string } | undefined {
  try {
    // The second field is the program's name in brackets, which may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return { state: fields[0]!, started: fields[19]! };
  } catch {
    return undefined;
  }
}
