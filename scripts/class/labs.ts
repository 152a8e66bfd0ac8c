/** Work of a command on several labs at once: locks, progress, interruption, and how each ended. */
import { relative } from "node:path";
import { LabBusy, LabLock, lockLab } from "../../platform/lab-lock";
import { REPOSITORY } from "../../platform/repository";
import { TerraformInterrupted } from "../../platform/terraform-run";
import { CommandResult, EXIT, ExitCode } from "./command";
import { onInterrupt } from "./interrupt";
import { Progress, progressOf } from "./progress";
import { schedule } from "./schedule";

/** How a lab came out of a command. */
export interface LabOutcome {
  readonly lab: string;
  readonly status: "done" | "failed" | "refused" | "interrupted" | "not begun";
  /** Why it is not done. */
  readonly reason?: string;
  /** The log of its run: a path below the repository's root. */
  readonly log?: string;
  readonly seconds?: number;
}

/** What is done with each lab. */
export interface LabWork {
  /** The command, for those who find a lab locked: `npm run class -- up`. */
  readonly purpose: string;
  /** At most so many labs at once. */
  readonly parallel: number;
  /** Once, after the labs are locked and before the first is begun. */
  readonly prepare?: (labs: readonly string[]) => Promise<void>;
  /** Does it with one lab. */
  readonly each: (lab: LockedLab) => Promise<void>;
}

/** A lab that is this process's alone, and where its work is shown and kept. */
export interface LockedLab {
  readonly id: string;
  readonly lock: LabLock;
  readonly signal: AbortSignal;
  /** Shows the lab's present step. */
  readonly say: (step: string) => void;
  /** Notes the log of the run, for the summary. */
  readonly useLog: (file: string) => void;
}

/**
 * Does work with each of these labs, some at once. A lab on which another process is at work is refused, and the
 * others go on; so they do when one fails. Ctrl-C lets those that are at work end in order.
 */
export async function withLabs(labs: readonly string[], work: LabWork): Promise<LabOutcome[]> {
  const abort = new AbortController();
  const progress = progressOf(labs);
  const stop = onInterrupt(interruption(abort, progress));
  const locks = new Map<string, LabLock>();
  const outcomes = new Map<string, LabOutcome>();
  try {
    await Promise.all(
      labs.map(async (lab) => {
        const onWait = (message: string): void => progress.step(lab, `${message}; waiting for it`);
        try {
          locks.set(lab, await lockLab(lab, work.purpose, { signal: abort.signal, onWait }));
        } catch (error) {
          outcomes.set(lab, ended(lab, error as Error, progress));
        }
      }),
    );
    const locked = [...locks.keys()].sort((a, b) => labs.indexOf(a) - labs.indexOf(b));
    if (locked.length > 0 && !abort.signal.aborted) {
      await work.prepare?.(locked);
    }
    const endings = await schedule(locked, (id) => one(id, locks.get(id)!, work, abort.signal, progress), {
      parallel: work.parallel,
      signal: abort.signal,
    });
    endings.forEach((ending, index) => {
      const lab = locked[index]!;
      outcomes.set(lab, ending.status === "done" ? ending.value : { lab, status: "not begun", reason: "interrupted" });
    });
  } finally {
    locks.forEach((lock) => lock.release());
    progress.close();
    stop();
  }
  return labs.map((lab) => outcomes.get(lab)!);
}

async function one(
  id: string,
  lock: LabLock,
  work: LabWork,
  signal: AbortSignal,
  progress: Progress,
): Promise<LabOutcome> {
  const began = Date.now();
  let log: string | undefined;
  const rest = (): Pick<LabOutcome, "log" | "seconds"> => ({
    log: log && relative(REPOSITORY, log),
    seconds: Math.round((Date.now() - began) / 100) / 10,
  });
  try {
    await work.each({
      id,
      lock,
      signal,
      say: (step) => progress.step(id, step),
      useLog: (file) => {
        log = file;
      },
    });
    progress.end(id, `done in ${Math.round((Date.now() - began) / 1000)} s`);
    return { lab: id, status: "done", ...rest() };
  } catch (error) {
    return { ...ended(id, error as Error, progress), ...rest() };
  } finally {
    lock.release();
  }
}

function ended(lab: string, error: Error, progress: Progress): LabOutcome {
  const status =
    error instanceof LabBusy
      ? "refused"
      : error instanceof TerraformInterrupted || error.name === "AbortError"
        ? "interrupted"
        : "failed";
  progress.end(lab, `${status}: ${firstLine(error.message)}`);
  return { lab, status, reason: error.message };
}

/** npm and a terminal may both pass on the same Ctrl-C. */
const SAME_SIGNAL_MS = 500;

/** The first Ctrl-C ends in order; a second one leaves at once, and Terraform goes on to its own end. */
function interruption(abort: AbortController, progress: Progress): () => void {
  let first = 0;
  return () => {
    if (abort.signal.aborted) {
      if (Date.now() - first > SAME_SIGNAL_MS) {
        progress.close();
        process.exit(EXIT.interrupted);
      }
      return;
    }
    first = Date.now();
    abort.abort();
    process.stderr.write("\nInterrupted: what is at work ends in order; please wait.\n");
  };
}

/** The result of a command by its labs' outcomes. `done` says in a word what those are that are done: `ready`. */
export function resultOf(outcomes: readonly LabOutcome[], done: string): CommandResult {
  return { exitCode: exitCodeOf(outcomes), json: { labs: outcomes }, text: summary(outcomes, done) };
}

function exitCodeOf(outcomes: readonly LabOutcome[]): ExitCode {
  const has = (...statuses: LabOutcome["status"][]): boolean =>
    outcomes.some(({ status }) => statuses.includes(status));
  if (has("interrupted", "not begun")) {
    return EXIT.interrupted;
  }
  if (has("failed")) {
    return EXIT.someFailed;
  }
  return has("refused") ? (has("done") ? EXIT.someFailed : EXIT.refused) : EXIT.done;
}

function summary(outcomes: readonly LabOutcome[], done: string): string {
  const well = outcomes.filter(({ status }) => status === "done").map(({ lab }) => lab);
  const rest = outcomes.filter(({ status }) => status !== "done");
  return [
    `${well.length} of ${outcomes.length} ${done}${well.length > 0 ? `: ${well.join(", ")}` : ""}`,
    ...rest.flatMap(({ lab, status, reason = "", log }) => [
      "",
      `${lab}: ${status}`,
      ...reason.split("\n").map((line) => `  ${line}`.trimEnd()),
      ...(log ? [`  The log: ${log}`] : []),
    ]),
  ].join("\n");
}

function firstLine(text: string): string {
  return text.split("\n")[0]!;
}
