import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { runLab } from "../../stacks/run-lab";
import { Programs } from "../support/programs";

const programs = new Programs();
const { folder } = programs;
const calls = join(folder, "docker-calls");
const LAB = "run-by-a-test";
const LOCK = join(labFolder(LAB), ".terraform.tfstate.lock.info");
const stack = join(folder, "stacks", LAB);

beforeAll(() => {
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(stack, "cdk.tf.json"), "{}");
  programs.write("docker", `echo "$@" >> ${calls}; [ "$1" = ps ] && printf 'one\\ntwo\\n'; exit 0`);
});

afterAll(() => programs.remove());

/** Terraform, as far as these words of it go; then the containers have to go, and not before. */
function terraform(words: string): void {
  programs.write(
    "terraform",
    `[ "$1" = init ] && exit 0
     sleep 0.3; grep -q . ${calls} && exit 1
     ${words}
     for i in $(seq 100); do grep -q ^rm ${calls} && exit 0; sleep 0.1; done; exit 1`,
  );
}

const PLAN = "echo 'Plan: 0 to add, 0 to change, 35 to destroy.'";
const REMOVED = [`ps -aq --filter label=org.fullstack-lab.lab=${LAB}`, "rm --force --volumes one two"];

/** The docker commands that a run of Terraform on the lab led to. */
async function callsOf(verb: "apply" | "destroy"): Promise<string[]> {
  writeFileSync(calls, "");
  const lock = { noteTerraform: () => undefined, release: () => undefined };
  await runLab({ id: LAB, stacks: [stack] }, verb, { lock, log: join(folder, "log") });
  return readFileSync(calls, "utf8").split("\n").filter(Boolean);
}

beforeEach(() => {
  mkdirSync(labFolder(LAB), { recursive: true });
});

afterEach(() => rmSync(labFolder(LAB), { recursive: true }));

test("a lab's containers go all at once, as soon as Terraform has its hand on the state", async () => {
  terraform(`touch ${LOCK}`);
  expect(await callsOf("destroy")).toEqual(REMOVED);
});

test("where somebody else's Terraform was at the state, or it is in a bucket, when Terraform has planned", async () => {
  writeFileSync(LOCK, "{}");
  terraform(PLAN);
  expect(await callsOf("destroy")).toEqual(REMOVED);
  rmSync(LOCK);
  expect(await callsOf("destroy")).toEqual(REMOVED);
});

test("a deploy removes none", async () => {
  programs.write("terraform", `touch ${LOCK}; echo 'Plan: 0 to add, 0 to change, 35 to destroy.'; sleep 0.5`);
  expect(await callsOf("apply")).toEqual([]);
});
