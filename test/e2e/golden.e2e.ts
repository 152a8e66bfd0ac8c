import { statSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import type { StandInDigitalOcean } from "../standin-digitalocean/api";
import type { Finding } from "../../scripts/class/doctor-checks";
import type { LabOutcome } from "../../scripts/class/labs";
import type { Proof } from "../../scripts/class/leftovers";
import {
  BUILDER,
  chooseTerraform,
  classCommand,
  inSnapshot,
  jsonOf,
  leftHere,
  onMachine,
  setUp,
  STUDENTS,
  tearDown,
  writeClass,
} from "./support/golden";

let api: StandInDigitalOcean;
let image: number;
let built: string;

/** The lab's images with their numbers, which are hashes of all that is in them. */
const LAB_IMAGES =
  "docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' --filter reference='fullstack-lab/*' | sort";

beforeAll(async () => {
  api = await setUp();
  if (!(await chooseTerraform())) {
    console.warn("the digitalocean provider can't be installed here: a stand-in does for Terraform what that would");
  }
});

afterAll(async () => {
  await tearDown();
});

test("a builder whose snapshot fails stays, and it is said what it costs and how to go on", async () => {
  api.actions.failing = 1;
  const { exitCode, output } = await classCommand("golden", { mayFail: true });
  expect(output).toContain("DigitalOcean failed to make the snapshot");
  expect(output).toContain("The builder costs money as long as it is there. The same command goes on with it");
  expect(output).toMatch(/droplet lab-golden: doctl compute droplet delete \d+ --force/);
  expect(exitCode).toBe(3);
  expect([...api.droplets.values()]).toMatchObject([{ name: `lab-${BUILDER}`, status: "off" }]);
});

test("the same command goes on: the image is made, and the builder is gone", async () => {
  const before = api.droplets.keys().next().value;
  const { image: made, proof } = jsonOf<{ image: { id: string; of: string }; proof: Proof }>(
    await classCommand("golden --json"),
  );
  image = Number(made.id);
  expect(made.of).toBe(before);
  expect(proof.leftovers).toEqual([]);
  expect([api.droplets.size, api.firewalls.size]).toEqual([0, 0]);
});

test("the image holds nothing that is secret or of one machine, and no container", async () => {
  const id = String(image);
  expect(
    await inSnapshot(id, "ls /var/lib/docker/containers /var/lib/docker/volumes | grep -v -e metadata.db -e :"),
  ).toBe("backingFsBlockDev");
  expect(
    await inSnapshot(id, "cat /etc/machine-id; ls /etc/ssh/ssh_host_* /var/lib/fullstack-lab 2>/dev/null; true"),
  ).toBe("");
  expect(await inSnapshot(id, "find /root /home -name .ssh -o -name w205 -o -name .env -o -name jupyter-token")).toBe(
    "",
  );
  expect(await inSnapshot(id, "grep -rlE 'PRIVATE KEY|AAAAC3NzaC1lZDI1NTE5' /etc /home /root /var/log; true")).toBe("");
  expect(await inSnapshot(id, "ls -d /var/lib/cloud/* /var/log/cloud-init.log 2>/dev/null; true")).toBe(
    "/var/lib/cloud/seed",
  );
});

test("doctor knows the image", async () => {
  writeClass(image);
  const { findings } = jsonOf<{ findings: Finding[] }>(await classCommand("doctor --json", { mayFail: true }));
  expect(findings).toContainEqual({
    name: "droplets' image",
    ok: true,
    message: expect.stringContaining("golden") as string,
  });
});

test("four students get their labs at once, and nothing is built", async () => {
  const { labs } = jsonOf<{ labs: LabOutcome[] }>(await classCommand("up --parallel 4 --yes --json"));
  expect(labs.map(({ lab, status }) => [lab, status])).toEqual(STUDENTS.map((id) => [id, "done"]));
  const images = await Promise.all(STUDENTS.map((id) => onMachine(id, LAB_IMAGES)));
  expect(new Set(images).size).toBe(1);
  built = images[0]!;
  expect(built.split("\n").length).toBeGreaterThanOrEqual(9);
  for (const what of ["cat /etc/machine-id", "cat /etc/ssh/ssh_host_ed25519_key.pub", "cat /etc/hostname"]) {
    expect(new Set(await Promise.all(STUDENTS.map((id) => onMachine(id, what)))).size).toBe(4);
  }
});

test("all four are ready by their canaries, and nobody has begun the exercise", async () => {
  const { labs } = jsonOf<{ labs: { lab: string; state: string; canary?: { green: boolean } }[] }>(
    await classCommand("status --json"),
  );
  expect(labs.map(({ lab, state, canary }) => [lab, state, canary?.green])).toEqual(
    STUDENTS.map((id) => [id, "ready", true]),
  );
  const { exitCode, output } = await classCommand("check", { mayFail: true });
  expect(exitCode).toBe(3);
  STUDENTS.forEach((id) => expect(output).toContain(id));
});

test("all four are saved, and taken away with the proof, which names the image that is still billed", async () => {
  const { exitCode, output } = await classCommand("down --parallel 4");
  expect(exitCode).toBe(0);
  for (const id of STUDENTS) {
    const [, archive = ""] = new RegExp(`^${id}: (labs/\\S+\\.tar\\.gz): `, "m").exec(output) ?? [];
    expect(statSync(join(REPOSITORY, archive)).size).toBeGreaterThan(1000);
  }
  expect(output).toContain(
    `DigitalOcean has no droplet, volume, firewall, reserved IP or snapshot of it: ${STUDENTS.join(", ")}`,
  );
  expect(output).toMatch(/Kept for the class, and billed: fullstack-lab-golden-e2e-golden-\w+\. To delete: .*--remove/);
  expect([api.droplets.size, api.firewalls.size]).toEqual([0, 0]);
});

test("the image is deleted, and nothing is left", async () => {
  expect((await classCommand("golden --remove")).output).toContain(`deleted: ${image}`);
  expect(api.snapshots.size).toBe(0);
  expect(await leftHere()).toBe("");
});
