import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { REPOSITORY } from "../../../platform/repository";
import { shellCommand } from "../../../platform/step";
import { writeStepsProgram } from "../../../platform/steps-program";
import { StepsServer } from "../../../platform/steps/server";
import { Programs } from "../../support/programs";

const STEP = join(REPOSITORY, "platform/steps/step.sh");
const NETWORK = ["network", "--name", "lab-x"];

let programs: Programs;
let server: StepsServer;
let folder: string;

beforeAll(() => writeStepsProgram());

beforeEach(async () => {
  programs = new Programs();
  // Says when a step is a process of its own.
  programs.write("node", `echo node >> ${programs.folder}/started; exec ${process.execPath} "$@"`);
  folder = mkdtempSync(join(tmpdir(), "server-"));
  server = await StepsServer.open();
});

afterEach(async () => {
  await server.close();
  programs.remove();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly status: number;
  readonly output: string;
}

/** Runs a step as Terraform does. */
function step(words: readonly string[], env: Readonly<Record<string, string>> = server.environment): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, ...env } };
    execFile("sh", [STEP, ...words], options, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });
}

function ownProcesses(): number {
  const file = join(programs.folder, "started");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
}

/** The process that a stand-in program has left the number of. */
async function written(): Promise<number> {
  const pid = join(folder, "pid");
  while (!existsSync(pid) || !readFileSync(pid, "utf8")) {
    await sleep(20);
  }
  return Number(readFileSync(pid, "utf8"));
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A process that was told to end is there until it has done so. */
async function gone(pid: number): Promise<void> {
  while (isThere(pid)) {
    await sleep(20);
  }
}

test("a step is done by the process that serves it, at the host that its environment names", async () => {
  programs.write("docker", `echo "$@ at $DOCKER_HOST" > ${folder}/asked`);
  expect(await step(NETWORK, { ...server.environment, DOCKER_HOST: "unix:///other" })).toEqual({
    status: 0,
    output: "",
  });
  expect(readFileSync(join(folder, "asked"), "utf8")).toBe("network inspect lab-x at unix:///other\n");
  programs.write("ssh", `echo "$2 $6" > ${folder}/asked`);
  await step(NETWORK, { ...server.environment, LAB_SSH_CONFIG: "labs/x/ssh_config", LAB_SSH_HOST: "lab-x" });
  expect(readFileSync(join(folder, "asked"), "utf8")).toMatch(/^\/.*\/labs\/x\/ssh_config lab-x\n$/);
  expect(ownProcesses()).toBe(0);
});

test("what a step says comes as it is, and a failure with its reason", async () => {
  programs.write("docker", String.raw`printf 'done\n  two blanks\nfailed\n'`);
  const hook = ["hook", "--name", "h", "--container", "c", "--timeout", "5", "x"];
  const { status, output } = await step(hook);
  expect([status, output.replace(/in [\d.]+ s/, "in 1 s")]).toEqual([
    0,
    'hook "h" done in 1 s\ndone\n  two blanks\nfailed\n',
  ]);
  programs.write("docker", "echo because; exit 3");
  const failed = await step(hook);
  expect(failed.status).toBe(1);
  expect(failed.output).toMatch(/^hook "h" in c ended with 3; its last lines:\nbecause\nIt was: x\n/);
  expect(await step(["nosuch"])).toMatchObject({
    status: 1,
    output: expect.stringMatching(/no step "nosuch"/) as string,
  });
  expect(ownProcesses()).toBe(0);
});

test("where nobody serves steps, and without curl, it is a process of its own", async () => {
  programs.write("docker", "exit 0");
  expect((await step(NETWORK, {})).status).toBe(0);
  expect((await step(NETWORK, { LAB_STEPS: join(folder, "gone") })).status).toBe(0);
  programs.write("curl", "exit 127");
  expect((await step(NETWORK)).status).toBe(0);
  expect(ownProcesses()).toBe(3);
  expect(await step(["nosuch"])).toMatchObject({
    status: 1,
    output: expect.stringMatching(/no step "nosuch"/) as string,
  });
});

test("when the process that serves it ends, its commands end, and the step is done by itself", async () => {
  // The first time it hangs.
  programs.write("docker", `[ -e ${folder}/pid ] || { echo $$ > ${folder}/pid; exec sleep 60; }`);
  const ended = step(NETWORK);
  const pid = await written();
  await server.close();
  expect((await ended).status).toBe(0);
  expect(ownProcesses()).toBe(1);
  await gone(pid);
});

test("when nobody waits for a step any more, its command ends", async () => {
  programs.write("docker", `echo $$ > ${folder}/pid; exec sleep 60`);
  const asked = request({ socketPath: server.environment.LAB_STEPS, method: "POST" }).on("error", () => undefined);
  asked.end(["/", "", "", "", ...NETWORK, ""].join("\0"));
  const pid = await written();
  expect(isThere(pid)).toBe(true);
  asked.destroy();
  await gone(pid);
});

test("a step that Terraform has ended does not begin anew when the process that serves it ends too", async () => {
  programs.write("docker", `echo $$ > ${folder}/pid; exec sleep 60`);
  const env = { ...process.env, ...server.environment };
  const ofTerraform = spawn("sh", ["-c", shellCommand(["sh", STEP, ...NETWORK])], { cwd: folder, env });
  const pid = await written();
  ofTerraform.kill("SIGKILL");
  await server.close();
  // Its output is closed by the last of the processes that it has started.
  await once(ofTerraform, "close");
  expect(ownProcesses()).toBe(0);
  await gone(pid);
});
