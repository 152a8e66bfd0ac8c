import { BadInputError } from "../../../platform/checks";
import { parseClass } from "../../../roster/class-file";
import { doctorText } from "../../../scripts/class/doctor";
import {
  accountCheck,
  classFileCheck,
  examine,
  expiryCheck,
  hostChecks,
  machineChecks,
  sshCheck,
  stateCheck,
} from "../../../scripts/class/doctor-checks";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";

// Other work on the machine must not fail it.
jest.setTimeout(60_000);

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
const { labs } = parseClass(
  "class.yaml",
  [
    "expires: 2026-12-20",
    "target: digitalocean",
    "state: { s3: { bucket: states, endpoint: 'http://127.0.0.1:1' } }",
    "students: [{ id: alice }, { id: bob }, { id: carol }]",
    `overrides: { carol: { target: { host: 'ssh://c@127.0.0.1:1', hostKey: '${KEY}' } } }`,
  ].join("\n"),
);
const droplets = labs.slice(0, 2);
const before = { ...process.env };

afterEach(() => {
  process.env = { ...before };
});

test("OpenSSH's programs, and how to have them", async () => {
  expect(await sshCheck().run()).toMatch(/^OpenSSH_/);
  await expect(sshCheck({ PATH: "/nowhere" }).run()).rejects.toThrow("There is no ssh, no ssh-keyscan.\nInstall");
});

test("this machine's own set-up is looked at, and nothing is installed", async () => {
  const found = await examine(await machineChecks());
  expect(found.map(({ name }) => name)).toEqual(["Node.js", "Terraform", "docker provider of Terraform"]);
  expect(found[0]).toEqual({ name: "Node.js", ok: true, message: process.versions.node });
});

test("mistakes, labs past their end, hosts and buckets that do not answer: all of them, each with its cure", async () => {
  process.env.AWS_ACCESS_KEY_ID = "a";
  process.env.AWS_SECRET_ACCESS_KEY = "b";
  const found = await examine([
    classFileCheck([new BadInputError("class.yaml:3", "wrong")], 3),
    expiryCheck(labs, new Date("2026-12-21T00:00:00Z")),
    ...hostChecks(labs),
    ...stateCheck(labs),
  ]);
  expect(found).toEqual([
    { name: "class file", ok: false, message: "class.yaml:3: wrong" },
    {
      name: "ends of labs",
      ok: false,
      message: expect.stringMatching(/alice \(2026-12-20 23:59 UTC\).*--expired/s) as string,
    },
    { name: "host of carol", ok: false, message: expect.stringContaining("does not answer by SSH") as string },
    { name: "states", ok: false, message: expect.stringContaining("does not answer") as string },
  ]);
  expect(doctorText(found)).toContain("4 things are wrong.");
  expect(doctorText(await examine([expiryCheck(labs, new Date("2026-12-20T23:00:00Z"))]))).toContain(
    "Nothing is wrong.",
  );
});

test("the account must have room for the class", async () => {
  const api = await StandInDigitalOcean.start({ token: "token-of-a-test", dropletLimit: 1 });
  Object.assign(process.env, api.environment);
  expect(await examine([accountCheck(droplets)])).toEqual([
    expect.objectContaining({
      ok: false,
      message: expect.stringMatching(/needs 2 more droplets, and the account has room for 1/) as string,
    }),
  ]);
  expect(await examine([accountCheck(droplets.slice(0, 1))])).toEqual([
    expect.objectContaining({ ok: true, message: "0 of 1 droplets, 1 more to come" }),
  ]);
  await api.stop();
  delete process.env.DIGITALOCEAN_TOKEN;
  delete process.env.DIGITALOCEAN_ACCESS_TOKEN;
  expect((await examine([accountCheck(droplets)]))[0]!.message).toMatch(
    /no DigitalOcean token.*export DIGITALOCEAN_TOKEN/s,
  );
});
