import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY } from "../../../platform/repository";
import { localPlace, Place } from "./place";
import { Outcome, run, Running, RunOptions, start } from "./shell";
import { sweepLab } from "./sweep";

/** The labs of the tests; a person's own lab `local` stays untouched beside them. */
export const ALICE = "e2e-alice";
export const BOB = "e2e-bob";
/** The lab that the browser's tests look at. */
export const EVE = "e2e-eve";

/** Host ports of the tests' labs. */
export const PORTS = {
  [ALICE]: { gameApi: 15000, jupyter: 18888, home: 18000 },
  [BOB]: { gameApi: 15001, jupyter: 18889, home: 18001 },
  [EVE]: { gameApi: 15002, jupyter: 18890, home: 18002 },
} as const;

const folder = mkdtempSync(join(tmpdir(), "fullstack-lab-e2e-"));
const classFile = join(folder, "class.yaml");

/** Writes the tests' class file; more options of services per lab make other labs of it. */
export function writeClass(options: Readonly<Record<string, Readonly<Record<string, object>>>> = {}): void {
  mkdirSync(folder, { recursive: true });
  const students = Object.entries(PORTS).map(([id, ports]) => {
    const more = options[id] ?? {};
    return {
      id,
      services: {
        ...more,
        mids: { gameApiPort: ports.gameApi, ...more.mids },
        spark: { jupyterPort: ports.jupyter, ...more.spark },
        home: { webPort: ports.home, ...more.home },
      },
    };
  });
  writeFileSync(classFile, JSON.stringify({ students }));
}

const environment = { CLASS_FILE: classFile, CHECKPOINT_DISABLE: "1", CI: "true" };

/** Runs cdktf as its user would. */
export function cdktf(words: string, options: RunOptions = {}): Promise<Outcome> {
  return run(`npx cdktf ${words}`, { timeoutSeconds: 900, ...options, env: environment });
}

/** Starts a deploy that the test may interrupt. */
export function startDeploy(lab: string): Running {
  return start(`npx cdktf deploy ${lab} --auto-approve`, { timeoutSeconds: 600, env: environment });
}

/** Deploys a lab by the command that newcomers type. */
export function runLab(lab: string, options: RunOptions = {}): Promise<Outcome> {
  return run(`npm run --silent lab -- ${lab}`, { timeoutSeconds: 600, ...options, env: environment });
}

/** Starts it, without npm's own process around it, for a test that interrupts it. */
export function startLab(lab: string): Running {
  return start(`exec node scripts/lab.mjs ${lab}`, { timeoutSeconds: 600, env: environment });
}

/** Deploys a lab. */
export function deploy(lab: string, options: RunOptions = {}): Promise<Outcome> {
  return cdktf(`deploy ${lab} --auto-approve`, options);
}

/** What the last deploy planned: "2 to add, 0 to change, 1 to destroy", or "nothing". */
export function planned({ output }: Outcome): string {
  return /Plan: (.*)\./.exec(output)?.[1] ?? (output.includes("No changes.") ? "nothing" : "?");
}

/** The lab's folder: where the student types. */
export function labFolder(lab: string): string {
  return join(REPOSITORY, "labs", lab);
}

/** The student's folder. */
export function w205(lab: string, ...path: string[]): string {
  return join(labFolder(lab), "w205", ...path);
}

/** Where the lab's student types. */
export function placeOf(lab: keyof typeof PORTS): Place {
  return localPlace(lab, { 5000: PORTS[lab].gameApi, 8888: PORTS[lab].jupyter });
}

/** A Terraform output of the lab. */
export function terraformOutput(lab: string, name: string): unknown {
  const state = JSON.parse(readFileSync(join(labFolder(lab), "terraform.tfstate"), "utf8")) as {
    outputs: Record<string, { value: unknown }>;
  };
  return state.outputs[name]?.value;
}

/** All of a lab that Docker still has: containers, networks, volumes. */
export async function leftovers(lab: string): Promise<string[]> {
  const filter = `--filter label=org.fullstack-lab.lab=${lab}`;
  const lists = await Promise.all([
    run(`docker ps -aq ${filter}`),
    run(`docker network ls -q ${filter}`),
    run(`docker volume ls -q ${filter}`),
    run(`docker ps -aq --filter name=lab-${lab}-`),
    run(`docker volume ls -q --filter name=lab-${lab}-`),
  ]);
  return lists.flatMap(({ output }) => output.split("\n").filter(Boolean));
}

/** Takes away tests' labs by force, whatever state they are in: also after a test that failed. */
export async function sweep(labs: readonly string[] = [ALICE, BOB]): Promise<void> {
  for (const lab of labs) {
    await sweepLab(lab);
  }
}

/** The folder of the tests' own files goes too. */
export function forget(): void {
  rmSync(folder, { recursive: true, force: true });
}
