import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { runLab } from "../../stacks/run-lab";

const folder = mkdtempSync(join(tmpdir(), "run-lab-"));
const calls = join(folder, "docker-calls");
const stack = join(folder, "stacks", "ann");
const before = { ...process.env };

beforeAll(() => {
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(stack, "cdk.tf.json"), "{}");
  program("docker", `echo "$@" >> ${calls}; [ "$1" = ps ] && printf 'one\\ntwo\\n'; exit 0`);
  // Terraform, as far as it has said what it plans; then it waits until the containers were taken away.
  program(
    "terraform",
    `[ "$1" = init ] && exit 0
     touch ${calls}
     [ "$1" = apply ] && echo 'Plan: 1 to add, 0 to change, 0 to destroy.' && exit 0
     echo 'Acquiring state lock'; grep -q . ${calls} && exit 1
     echo 'Plan: 0 to add, 0 to change, 35 to destroy.'
     for i in $(seq 100); do grep -q ^rm ${calls} && exit 0; sleep 0.1; done; exit 1`,
  );
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
});

afterAll(() => {
  process.env = before;
  rmSync(folder, { recursive: true });
});

function program(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** The docker commands that a run of Terraform on the lab led to. */
async function callsOf(verb: "apply" | "destroy"): Promise<string[]> {
  writeFileSync(calls, "");
  const lock = { noteTerraform: () => undefined, release: () => undefined };
  await runLab({ id: "ann", stacks: [stack] }, verb, { lock, log: join(folder, "log") });
  return readFileSync(calls, "utf8").split("\n").filter(Boolean);
}

test("a lab's containers go all at once, when Terraform has the state and is about to take them away", async () => {
  expect(await callsOf("destroy")).toEqual([
    "ps -aq --filter label=org.fullstack-lab.lab=ann",
    "rm --force --volumes one two",
  ]);
});

test("a deploy removes none", async () => {
  expect(await callsOf("apply")).toEqual([]);
});
