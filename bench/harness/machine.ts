import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { REPOSITORY } from "../../platform/repository";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
}

/** This machine. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]!.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  };
}

/** Above this share of the processors, somebody else's work spoils the figures. */
export const QUIET_BELOW = 0.15;

/** How busy the machine was when the bench itself did nothing. */
export interface Noise {
  /** The load average of the minute before. */
  readonly loadBefore: number;
  /** The largest share of the processors that was in use before the first turn and between turns, 0 to 1. */
  readonly busy: number;
}

/** Measures noise in the pauses of a part. */
export class NoiseMeter {
  private readonly loadBefore = loadavg()[0]!;
  private busy = 0;

  /** Looks for a second. What the part itself has up (an idle lab) counts too. */
  async look(): Promise<void> {
    const before = processorTimes();
    await sleep(1000);
    const after = processorTimes();
    const share = (after.busy - before.busy) / Math.max(1, after.all - before.all);
    this.busy = Math.max(this.busy, share);
  }

  get noise(): Noise {
    return { loadBefore: this.loadBefore, busy: this.busy };
  }
}

/** All processors' time since the start, in ticks. */
function processorTimes(): { busy: number; all: number } {
  const all = cpus().flatMap(({ times }) => Object.values(times));
  const idle = cpus().map(({ times }) => times.idle);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { busy: sum(all) - sum(idle), all: sum(all) };
}

/** Versions that most figures hang on. */
export function versions(): Record<string, string> {
  const said = (pattern: RegExp, command: string, ...words: string[]): string => {
    try {
      return pattern.exec(execFileSync(command, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))![0];
    } catch {
      return "not there";
    }
  };
  return {
    "Node.js": process.versions.node,
    Terraform: said(/\d[\w.-]+/, "terraform", "version"),
    Docker: said(/\d\S+/, "docker", "version", "--format", "{{.Server.Version}}"),
    "docker-compose": said(/\d+\.\d+\.\d+/, "docker-compose", "version"),
  };
}

/** The commit that was measured, and whether files differed from it. */
export function commit(): string {
  const git = (...words: string[]): string =>
    execFileSync("git", words, { cwd: REPOSITORY, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    // The bench's own results are no part of what it measures.
    const changed = git(
      "status",
      "--porcelain",
      "--",
      ".",
      ":!bench/RESULTS.md",
      ":!bench/results.json",
      ":!bench/*.svg",
    );
    return git("rev-parse", "--short", "HEAD") + (changed ? " and changes" : "");
  } catch {
    return "unknown";
  }
}
