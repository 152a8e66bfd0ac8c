import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { writeIfChanged } from "./files";

/** What is to be done with a stack: `apply` brings it up, mends it, or changes nothing. */
export type TerraformVerb = "apply" | "destroy";

/** A run of Terraform on one synthesized stack. */
export interface TerraformRun {
  /** The folder of the stack below cdktf.out, in which cdktf runs it too. */
  readonly folder: string;
  readonly verb: TerraformVerb;
  /**
   * More flags for the verb.
   * @default - none
   */
  readonly flags?: readonly string[];
  /** The file that all output is added to. */
  readonly log: string;
  /** Gets each line of output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Gets the process that holds the stack's state as soon as it runs: it outlives this one when this one is killed. */
  readonly onProcess?: (pid: number) => void;
  /**
   * Lets Terraform end in order: it finishes what it is at, and keeps its state.
   * @default - never
   */
  readonly signal?: AbortSignal;
  /**
   * The same after so many seconds.
   * @default 7200
   */
  readonly timeoutSeconds?: number;
  /**
   * Variables beside those of this process.
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
}

/** Terraform did not do it; the message holds its own errors. */
export class TerraformFailed extends Error {}

/** Terraform was told to end, and did: by a signal, or because its time was over. */
export class TerraformInterrupted extends TerraformFailed {}

/** cdktf takes the same variable, for OpenTofu and the like. */
const TERRAFORM = process.env.TERRAFORM_BINARY_NAME ?? "terraform";

/** Somebody else's Terraform may be at the lab's state; it is waited for. */
const LOCK_TIMEOUT = "-lock-timeout=60s";

/** How often the output is looked at, in milliseconds. */
const POLL_MS = 100;

/**
 * Terraform and its provider collect garbage when their memory has grown by so many percent: at Go's 100 that takes a
 * fifth more processor time, at this 25 MB more memory.
 */
const RARE_COLLECTION = "400";

/** What Terraform says when a stack's folder is not ready for it. */
const NEEDS_INIT = /terraform init|tofu init|Required plugins are not installed|Inconsistent dependency lock file/;

/**
 * Runs Terraform on a stack: `init` where the providers or the backend are not those of the last run, then the verb.
 * It gives what `cdktf deploy` or `cdktf destroy` gives, without the seconds that cdktf's program takes.
 *
 * @throws TerraformFailed with Terraform's own errors
 * @throws TerraformInterrupted
 */
export async function runTerraform(run: TerraformRun): Promise<void> {
  const words = [run.verb, "-auto-approve", "-input=false", "-no-color", LOCK_TIMEOUT, ...(run.flags ?? [])];
  const before = initialized(run.folder);
  if (!before) {
    await init(run);
  }
  const output = await attempt(run, words, before ? NEEDS_INIT : undefined);
  if (output !== undefined) {
    await init(run);
    await attempt(run, words);
  }
}

async function init(run: TerraformRun): Promise<void> {
  const settings = initSettings(run.folder);
  const lockBefore = readIfThere(lockFile(run.folder));
  await attempt(run, ["init", "-input=false", "-no-color"]);
  const record: InitRecord = { settings, lockBefore, lockAfter: readIfThere(lockFile(run.folder)) };
  mkdirSync(dirname(recordFile(run.folder)), { recursive: true });
  writeFileSync(recordFile(run.folder), JSON.stringify(record));
}

/** Runs Terraform once. Gives its output, rather than throw, when it failed with what `unless` matches. */
async function attempt(run: TerraformRun, words: readonly string[], unless?: RegExp): Promise<string | undefined> {
  const { exitCode, output, interrupted } = await terraform(run, words);
  if (exitCode === 0) {
    return undefined;
  }
  if (interrupted) {
    throw new TerraformInterrupted(interrupted);
  }
  if (unless?.test(output)) {
    return output;
  }
  throw new TerraformFailed(errorsOf(output) || `terraform ${words[0]} ended with ${exitCode}`);
}

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  /** Why it was told to end. */
  readonly interrupted?: string;
}

function terraform(run: TerraformRun, words: readonly string[]): Promise<Ended> {
  mkdirSync(dirname(run.log), { recursive: true });
  // Into a file, not a pipe: when this process is killed, Terraform goes on to its end and keeps its state.
  const log = openSync(run.log, "a+");
  const lines = new LineReader(log, run.onLine);
  return new Promise<Ended>((resolve, reject) => {
    if (run.signal?.aborted) {
      closeSync(log);
      reject(new TerraformInterrupted("interrupted before Terraform was started"));
      return;
    }
    let interrupted: string | undefined;
    const child = spawn(TERRAFORM, words, {
      cwd: run.folder,
      // Ctrl-C at the terminal reaches this process alone, which tells Terraform once: told twice, it drops its state.
      detached: true,
      stdio: ["ignore", log, log],
      env: { GOGC: RARE_COLLECTION, ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...run.env },
    });
    const end = (why: string): void => {
      if (interrupted === undefined) {
        interrupted = why;
        child.kill("SIGINT");
      }
    };
    const onAbort = (): void => end("interrupted");
    const seconds = run.timeoutSeconds ?? 7200;
    const timer = setTimeout(() => end(`terraform ${words[0]} was not done after ${seconds} s`), seconds * 1000);
    const poll = setInterval(() => lines.read(), POLL_MS);
    run.signal?.addEventListener("abort", onAbort);
    if (child.pid !== undefined) {
      run.onProcess?.(child.pid);
    }
    const done = (): void => {
      clearTimeout(timer);
      clearInterval(poll);
      run.signal?.removeEventListener("abort", onAbort);
      lines.read();
      lines.end();
      closeSync(log);
    };
    child.on("error", (error) => {
      done();
      reject(new TerraformFailed(`${TERRAFORM} can't be run: ${error.message}`));
    });
    child.on("exit", (code, signal) => {
      done();
      resolve({ exitCode: code ?? (signal ? 1 : 0), output: lines.output, interrupted });
    });
  });
}

/** Reads what is added to a file, line by line. */
class LineReader {
  output = "";
  private position: number;
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly file: number,
    private readonly onLine?: (line: string) => void,
  ) {
    this.position = fstatSync(file).size;
  }

  read(): void {
    const chunk = Buffer.alloc(64 * 1024);
    for (let length; (length = readSync(this.file, chunk, 0, chunk.length, this.position)) > 0;) {
      this.position += length;
      const bytes = Buffer.concat([this.rest, chunk.subarray(0, length)]);
      const end = bytes.lastIndexOf("\n") + 1;
      this.rest = bytes.subarray(end);
      this.take(bytes.subarray(0, end).toString("utf8"));
    }
  }

  /** What came without an end of line. */
  end(): void {
    this.take(this.rest.length > 0 ? `${this.rest.toString("utf8")}\n` : "");
    this.rest = Buffer.alloc(0);
  }

  private take(text: string): void {
    this.output += text;
    text
      .split("\n")
      .slice(0, -1)
      .forEach((line) => this.onLine?.(line));
  }
}

/** What the last `terraform init` in a folder found and left. */
interface InitRecord {
  readonly settings: string;
  /** Terraform's lock of the providers as synth wrote it, and as `init` left it. */
  readonly lockBefore: string;
  readonly lockAfter: string;
}

/** Whether the folder is ready for Terraform: neither the stack's providers and backend nor the machine's changed. */
function initialized(folder: string): boolean {
  const text = readIfThere(recordFile(folder));
  if (!text) {
    return false;
  }
  const { settings, lockBefore, lockAfter } = JSON.parse(text) as InitRecord;
  const lock = readIfThere(lockFile(folder));
  if (settings !== initSettings(folder) || (lock !== lockBefore && lock !== lockAfter)) {
    return false;
  }
  writeIfChanged(lockFile(folder), lockAfter);
  return true;
}

/** What `terraform init` looks at. */
function initSettings(folder: string): string {
  const stack = JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as { readonly terraform?: unknown };
  const mirror = join(folder, "terraform.d", "plugins");
  return JSON.stringify([stack.terraform, TERRAFORM, existsSync(mirror) && realpathSync(mirror)]);
}

/** Goes with Terraform's own folder: where that was removed, so is this. */
function recordFile(folder: string): string {
  return join(folder, ".terraform", "initialized.json");
}

function lockFile(folder: string): string {
  return join(folder, ".terraform.lock.hcl");
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** The errors in Terraform's output: they are the last that it says. */
export function errorsOf(output: string): string {
  return /^Error: [^]*/m.exec(output)?.[0].trim() ?? "";
}
