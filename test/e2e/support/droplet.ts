import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { REPOSITORY } from "../../../platform/repository";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";
import {
  removeStandIn,
  removeStandInNetwork,
  StandIn,
  startStandIn,
  STANDIN_NETWORK,
} from "../../standin-droplet/standin-droplet";
import { Place, tokenOf } from "./place";
import { inTerminal, Outcome, quote, run, RunOptions, start } from "./shell";

/** The lab of the droplet's tests. */
export const LAB = "e2e-dora";
/** Its droplet's stack. */
export const DROPLET = `${LAB}-droplet`;
/** The machine that stands in for the droplet. */
export const MACHINE = `lab-${LAB}`;
/** A lab whose droplet never gets ready. */
export const UNLUCKY = "e2e-erin";
/** A lab on a machine that somebody has. */
export const GUEST = "e2e-fred";

/** Secrets that must be found nowhere after a deploy. */
export const CANARY_TOKEN = "canary-token-that-must-stay-here";

const folder = mkdtempSync(join(tmpdir(), "fullstack-lab-droplet-"));
const classFile = join(folder, "class.yaml");
const keyFile = join(folder, "operator");

let api: StandInDigitalOcean;

/** Starts the API's stand-in, makes the operator's key, writes the class file. */
export async function setUp(): Promise<StandInDigitalOcean> {
  await run(`ssh-keygen -q -t ed25519 -N '' -C operator -f ${keyFile}`);
  writeClass([]);
  api = await StandInDigitalOcean.start({
    token: CANARY_TOKEN,
    boot: async (name, userData) => (await startStandIn(name, userData)).address,
    remove: removeStandIn,
  });
  return api;
}

function writeClass(more: readonly object[]): void {
  const target = { digitalocean: { operatorKeyFile: `${keyFile}.pub`, className: "e2e" } };
  // A droplet of this size has it unless told; to build its image there would take minutes. web-sql.ts tests it.
  const services = { superset: { enabled: false } };
  const students = [LAB, UNLUCKY].map((id) => ({ id, target, services }));
  writeFileSync(classFile, JSON.stringify({ students: [...students, ...more] }));
}

/** Adds a lab on the machine behind the droplet, known by no more than its address and its key. */
export async function addGuest(): Promise<void> {
  const { output: address } = await run(
    `ssh -F labs/${LAB}/ssh_config -G lab-${LAB} | awk '$1 == "hostname" { print $2 }'`,
  );
  const { output: hostKey } = await asRoot("cat /etc/ssh/ssh_host_ed25519_key.pub");
  const host = `ssh://science@${address.trim()}`;
  writeClass([{ id: GUEST, target: { host, hostKey, identityFile: keyFile, folder: "/home/science/fred" } }]);
}

/** Takes all of the tests away, whatever state they are in. */
export async function tearDown(): Promise<void> {
  for (const lab of [LAB, UNLUCKY, GUEST]) {
    await run(`ssh -F ${labFolder(lab)}/ssh_config -O exit lab-${lab}`, { mayFail: true });
    await removeStandIn(`lab-${lab}`);
  }
  await removeStandInNetwork();
  await api?.stop();
  for (const lab of [LAB, UNLUCKY, GUEST]) {
    rmSync(labFolder(lab), { recursive: true, force: true });
    for (const stack of [lab, `${lab}-droplet`]) {
      rmSync(join(REPOSITORY, "cdktf.out", "stacks", stack), { recursive: true, force: true });
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Runs cdktf as its user would, with the stand-in's API. */
export function cdktf(words: string, options: RunOptions = {}): Promise<Outcome> {
  return inClass(`npx cdktf ${words}`, { timeoutSeconds: 2400, ...options });
}

/** Runs `npm run class --` with these words, on the same class. */
export function classCommand(words: string, options: RunOptions = {}): Promise<Outcome> {
  return inClass(`npm run --silent class -- ${words}`, options);
}

function inClass(command: string, options: RunOptions): Promise<Outcome> {
  const env = { CLASS_FILE: classFile, CHECKPOINT_DISABLE: "1", CI: "true", CDKTF_SKIP_PROVIDER_LOCK: "true" };
  return run(command, { ...options, env: { ...env, ...api.environment, ...options.env } });
}

/** Whether Terraform can have the digitalocean provider on this machine. */
export async function hasProvider(): Promise<boolean> {
  const cwd = join(REPOSITORY, "cdktf.out", "stacks", DROPLET);
  const options = { cwd, mayFail: true, timeoutSeconds: 120, env: { CHECKPOINT_DISABLE: "1" } };
  return (await run("terraform init -input=false -backend=false -no-color", options)).exitCode === 0;
}

/** The user data as the synthesized stack of a lab's droplet has them. */
export function synthesizedUserData(lab: string): string {
  const file = join(REPOSITORY, "cdktf.out", "stacks", `${lab}-droplet`, "cdk.tf.json");
  const stack = JSON.parse(readFileSync(file, "utf8")) as {
    resource: { digitalocean_droplet: { droplet: { user_data: string } } };
  };
  return stack.resource.digitalocean_droplet.droplet.user_data.replaceAll("$${", "${").replaceAll("%%{", "%{");
}

/** What the droplet's stack does, without its provider: boots the machine, and waits until it is ready. */
export async function bootWithoutProvider(): Promise<Outcome> {
  const { address }: StandIn = await startStandIn(MACHINE, synthesizedUserData(LAB));
  return waitFor(LAB, address, 600);
}

/** The wait of a droplet's stack. */
export function waitFor(
  lab: string,
  address: string,
  timeoutSeconds: number,
  options: RunOptions = {},
): Promise<Outcome> {
  const words = `wait --lab ${lab} --droplet 1 --address ${address} --timeout ${timeoutSeconds}`;
  return run(`npx tsx platform/steps/main.ts ${words}`, { timeoutSeconds: timeoutSeconds + 60, ...options });
}

/** Runs a command on the droplet as the student does, by the pinned key. */
export function onDroplet(command: string, options: RunOptions = {}): Promise<Outcome> {
  return run(`ssh -F labs/${LAB}/ssh_config -T lab-${LAB} ${quote(command)}`, { cwd: REPOSITORY, ...options });
}

/** Where the student types there: the jobs' folder. */
const FOLDER = "cd ~/w205/full-stack2 &&";

/** The droplet as the place of a lab's commands; `page` needs the tunnel open. */
export const dropletPlace: Place = {
  run: (command, options) => onDroplet(`${FOLDER} ${command}`, options),
  type: (command, options) => run(terminalOnDroplet(command), options),
  typeAndLeave: (command, options) => start(terminalOnDroplet(command), { timeoutSeconds: 1800, ...options }),
  read: async (path) => (await onDroplet(`cat ~/w205/${quote(path)}`)).output,
  write: async (path, text) => {
    await onDroplet(`cat >~/w205/${quote(path)}`, { input: text });
  },
  page: (port) => `http://127.0.0.1:${tunnelPort(port)}`,
  token: () => tokenOf(LAB),
};

function terminalOnDroplet(command: string): string {
  return inTerminal(`ssh -F labs/${LAB}/ssh_config -tt lab-${LAB} ${quote(`${FOLDER} ${command}`)}`);
}

/** A port of this machine, which no other lab has, for a page of the lab. */
function tunnelPort(page: number): number {
  return 20_000 + (page % 10_000);
}

/** The tunnel's command as a person reads it, but with ports of this machine that no other lab has. */
export function tunnel(): { readonly command: string; readonly port: (page: number) => number } {
  const text = readFileSync(join(labFolder(LAB), "getting-in.txt"), "utf8");
  const line = text.split("\n").find((words) => words.includes(`ssh -F labs/${LAB}/ssh_config -N`))!;
  const command = line.trim().replaceAll(/-L (\d+):/g, (_, page) => `-L ${tunnelPort(Number(page))}:`);
  return { command, port: tunnelPort };
}

/** Runs a command on the machine behind the droplet as nobody can from outside: as root. */
export function asRoot(command: string, options: RunOptions = {}): Promise<Outcome> {
  return run(`docker exec ${MACHINE} sh -c ${quote(command)}`, options);
}

/** The ports of the droplet that answer another machine of its network. */
export async function openPorts(ports: readonly number[]): Promise<number[]> {
  const probe = ports.map(
    (port) => `timeout 2 bash -c "echo > /dev/tcp/${MACHINE}/${port}" 2>/dev/null && echo ${port}`,
  );
  const command = `docker run --rm --network ${STANDIN_NETWORK} --entrypoint bash fullstack-lab/standin-droplet -c`;
  const { output } = await run(`${command} ${quote(`${probe.join("; ")}; true`)}`, { timeoutSeconds: 120 });
  return output.split("\n").filter(Boolean).map(Number);
}

/** The file that holds the operator's private key. */
export function privateKeyFile(): string {
  return keyFile;
}
