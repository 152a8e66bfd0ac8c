import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { REPOSITORY } from "../../../platform/repository";
import { lastLines } from "../../../platform/steps/docker";
import { logsFolder } from "../../../stacks/run-lab";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";
import {
  removeSnapshot,
  removeStandIn,
  removeStandInNetwork,
  snapshotOf,
  snapshotStandIn,
  startStandIn,
  stopStandIn,
} from "../../standin-droplet/standin-droplet";
import { Outcome, quote, run, RunOptions } from "./shell";

/** The students. */
export const STUDENTS = ["gold-ann", "gold-ben", "gold-cem", "gold-dan"] as const;
/** The builder's lab. */
export const BUILDER = "golden";

const LABS = [...STUDENTS, BUILDER];
const folder = mkdtempSync(join(tmpdir(), "fullstack-lab-golden-"));
const classFile = join(folder, "class.yaml");
const keyFile = join(folder, "operator");
const snapshots: string[] = [];

let api: StandInDigitalOcean;
let terraform: Record<string, string> = {};

/** Starts the API's stand-in, makes the operator's key, writes the class file. */
export async function setUp(): Promise<StandInDigitalOcean> {
  await run(`ssh-keygen -q -t ed25519 -N '' -C operator -f ${keyFile}`);
  writeClass();
  api = await StandInDigitalOcean.start({
    token: "token-of-the-golden-test",
    boot: async (name, userData, snapshot) => (await startStandIn(name, userData, snapshot)).address,
    remove: removeStandIn,
    switchOff: stopStandIn,
    snapshot: (name, id) => {
      snapshots.push(id);
      return snapshotStandIn(name, id);
    },
    forget: removeSnapshot,
  });
  return api;
}

/** Writes the class file; with an image, droplets boot from it. */
export function writeClass(image?: number): void {
  const digitalocean = { operatorKeyFile: `${keyFile}.pub`, ...(image !== undefined && { image }) };
  // Four of them on this machine are enough to do.
  const services = { superset: { enabled: false } };
  const students = STUDENTS.map((id) => ({ id, services }));
  writeFileSync(classFile, JSON.stringify({ name: "e2e-golden", target: { digitalocean }, students }));
}

/** Whether Terraform can have the digitalocean provider here; where it can't, the stand-in does what that would. */
export async function chooseTerraform(): Promise<boolean> {
  const env = { CLASS_FILE: classFile, CHECKPOINT_DISABLE: "1", ...api.environment };
  await run(`npx tsx main.ts`, { env: { ...env, LABS: STUDENTS[0] } });
  const cwd = join(REPOSITORY, "cdktf.out", "stacks", `${STUDENTS[0]}-droplet`);
  const init = "terraform init -input=false -backend=false -no-color";
  const { exitCode } = await run(init, { cwd, env, mayFail: true, timeoutSeconds: 120 });
  terraform =
    exitCode === 0 ? {} : { TERRAFORM_BINARY_NAME: join(REPOSITORY, "test", "standin-digitalocean", "terraform.ts") };
  return exitCode === 0;
}

/**
 * Runs a command of the class as its instructor would. It is ended before the test's own time is over.
 *
 * @throws Error with its output and the end of each lab's log
 */
export async function classCommand(words: string, options: RunOptions = {}): Promise<Outcome> {
  const env = { CLASS_FILE: classFile, CHECKPOINT_DISABLE: "1", CI: "true", ...api.environment, ...terraform };
  try {
    return await run(`node scripts/run-ts.mjs scripts/class.ts ${words}`, { timeoutSeconds: 1140, ...options, env });
  } catch (error) {
    throw new Error([(error as Error).message, ...LABS.map(endOfLog)].join("\n"), { cause: error });
  }
}

function endOfLog(lab: string): string {
  const folder = logsFolder(lab);
  const log = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
  return `${lab}: ${log ? `${log}\n${lastLines(readFileSync(join(folder, log), "utf8"), 25)}` : "no log"}`;
}

/** What a command prints as JSON: it comes after the progress. */
export function jsonOf<T>({ output }: Outcome): T {
  return JSON.parse(output.slice(output.search(/^\{$/m))) as T;
}

/** Runs a command as root on the machine behind a lab's droplet. */
export async function onMachine(lab: string, command: string): Promise<string> {
  return (await run(`docker exec lab-${lab} sh -c ${quote(command)}`)).output.trim();
}

/** Runs a command on a snapshot's disk, which nothing has booted. */
export async function inSnapshot(id: string, command: string): Promise<string> {
  const { image, volume } = snapshotOf(id);
  const words = `docker run --rm --network none --entrypoint sh -v ${volume}:/var/lib/docker:ro ${image} -c`;
  return (await run(`${words} ${quote(command)}`)).output.trim();
}

/** Docker's containers, volumes and images of machines and snapshots that are still there. */
export async function leftHere(): Promise<string> {
  const names = LABS.map((lab) => `--filter name=lab-${lab}`).join(" ");
  const { output } = await run(
    `docker ps -aq ${names}; docker volume ls -q ${names} --filter name=standin-snapshot; ` +
      `docker images -q fullstack-lab/standin-snapshot`,
  );
  return output;
}

/** Takes all of the tests away, whatever state they are in. */
export async function tearDown(): Promise<void> {
  for (const lab of LABS) {
    await run(`ssh -F ${labFolder(lab)}/ssh_config -O exit lab-${lab}`, { mayFail: true });
    await removeStandIn(`lab-${lab}`);
    rmSync(labFolder(lab), { recursive: true, force: true });
    for (const stack of [lab, `${lab}-droplet`]) {
      rmSync(join(REPOSITORY, "cdktf.out", "stacks", stack), { recursive: true, force: true });
    }
  }
  for (const id of snapshots) {
    await removeSnapshot(id);
  }
  await removeStandInNetwork();
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
}
