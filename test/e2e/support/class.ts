import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArchive } from "../../../scripts/class/archive";
import { savesFolder, savesOf } from "../../../scripts/class/save-lab";
import { leftovers } from "./lab";
import { Outcome, run, Running, RunOptions, start, until } from "./shell";
import { sweepLab } from "./sweep";

/** A class of three on this machine. */
export const [ANN, BEN, CAT] = ["class-e2e-ann", "class-e2e-ben", "class-e2e-cat"] as const;
export const LABS: readonly string[] = [ANN, BEN, CAT];

/** Host ports of a student's lab. */
export function portsOf(lab: string): { gameApi: number; jupyter: number; home: number } {
  const gameApi = 16_040 + 3 * LABS.indexOf(lab);
  return { gameApi, jupyter: gameApi + 1, home: gameApi + 2 };
}

/** The class's own files, away from the repository. */
export const folder = mkdtempSync(join(tmpdir(), "fullstack-lab-class-"));
const classFile = join(folder, "class.yaml");
const environment = { CLASS_FILE: classFile, CHECKPOINT_DISABLE: "1" };

/** Writes the class file; options of services by lab make other labs of it. */
export function writeClass(
  labs: readonly string[] = LABS,
  options: Readonly<Record<string, Readonly<Record<string, object>>>> = {},
): void {
  const students = labs.map((id) => {
    const { gameApi, jupyter, home } = portsOf(id);
    const more = options[id] ?? {};
    return {
      id,
      services: {
        ...more,
        mids: { gameApiPort: gameApi, ...more.mids },
        spark: { jupyterPort: jupyter, ...more.spark },
        home: { webPort: home, ...more.home },
      },
    };
  });
  writeFileSync(classFile, JSON.stringify({ students }));
}

/** Types a command of the class. */
export function inClass(words: string, options: RunOptions = {}): Promise<Outcome> {
  return run(`npm run --silent class -- ${words}`, { timeoutSeconds: 2400, ...options, env: environment });
}

/** Starts one that the test interrupts or kills: the program itself, without npm's own process around it. */
export function startInClass(words: string): Running {
  return start(`exec node scripts/run-ts.mjs scripts/class.ts ${words}`, { timeoutSeconds: 2400, env: environment });
}

/** Starts one that saves a lab, and gives it when its archive is being written. */
export async function startSaving(words: string, lab: string): Promise<Running> {
  const files = (): string[] => (existsSync(savesFolder(lab)) ? readdirSync(savesFolder(lab)) : []);
  const before = new Set(files());
  const running = startInClass(words);
  await until(`${lab}'s archive is being written`, 120, () => files().some((name) => !before.has(name)));
  return running;
}

/** A lab's archives, all of which are whole. */
export async function wholeSavesOf(lab: string): Promise<string[]> {
  const names = savesOf(lab);
  await Promise.all(names.map((name) => readArchive(join(savesFolder(lab), name))));
  return names;
}

/** Kills a command with all that it started, unless it has ended by itself. */
export async function killAll({ process: { pid }, ended }: Running): Promise<void> {
  try {
    process.kill(-pid!, "SIGKILL");
  } catch (error) {
    expect(error).toMatchObject({ code: "ESRCH" });
  }
  await ended;
}

/** What a command says of one lab. */
export interface LabResult {
  readonly lab: string;
  readonly status: string;
  readonly reason?: string;
  readonly log?: string;
}

/** The one JSON document of a command, whatever its exit code. */
export async function json<T>(words: string): Promise<T & { readonly exitCode: number }> {
  const { exitCode, output } = await inClass(`${words} --json 2>/dev/null`, { mayFail: true });
  return { ...(JSON.parse(output) as T), exitCode };
}

/** What a command says of its labs. */
export const labsOf = (words: string): Promise<{ labs: LabResult[]; exitCode: number }> => json(words);

/** How each lab came out: `class-e2e-ann done`. */
export function endings({ labs }: { labs: readonly LabResult[] }): string[] {
  return labs.map(({ lab, status }) => `${lab} ${status}`);
}

/** The containers of a lab that run. */
export async function containersOf(lab: string): Promise<string[]> {
  const { output } = await run(`docker ps -q --no-trunc --filter label=org.fullstack-lab.lab=${lab}`);
  return output.split("\n").filter(Boolean).sort();
}

/** Takes the tests' labs away, whatever state they are in. */
export async function sweepClass(): Promise<void> {
  for (const lab of LABS) {
    await sweepLab(lab);
  }
}

/** The last of it, and the look whether anything is left. */
export async function forgetClass(): Promise<void> {
  await sweepClass();
  rmSync(folder, { recursive: true, force: true });
  for (const lab of LABS) {
    expect(await leftovers(lab)).toEqual([]);
  }
}
