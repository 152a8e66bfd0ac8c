import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { parseClass } from "../../../roster/class-file";
import { withProof } from "../../../scripts/class/down";
import { EXIT } from "../../../scripts/class/command";
import { formerLab } from "../../../scripts/class/former-lab";
import {
  LabPlace,
  lookForLeftovers,
  lookForStrays,
  noteWhatThereIs,
  proofText,
} from "../../../scripts/class/leftovers";
import { StandInDigitalOcean } from "../../standin-digitalocean/api";

const LAB = "left-by-a-test";
const PLACE: LabPlace = { lab: LAB, kind: "digitalocean", className: "W205" };
const TAGS = ["fullstack-lab", "class:w205", `student:${LAB}`];

let api: StandInDigitalOcean;

beforeEach(async () => {
  api = await StandInDigitalOcean.start({ token: "a-token", dropletLimit: 500 });
  Object.assign(process.env, api.environment);
});

afterEach(async () => {
  await api.stop();
  delete process.env.DIGITALOCEAN_API_URL;
  delete process.env.DIGITALOCEAN_TOKEN;
  rmSync(labFolder(LAB), { recursive: true, force: true });
});

async function make(path: string, body: object): Promise<void> {
  const { DIGITALOCEAN_API_URL: url, DIGITALOCEAN_TOKEN: token } = api.environment;
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`${url}/v2/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

test("an account without anything of a lab is the proof", async () => {
  await make("droplets", { name: "lab-other", size: "s-2vcpu-4gb", tags: ["class:w205", "student:other"] });
  await make("droplets", { name: `lab-${LAB}`, size: "s-2vcpu-4gb", tags: ["class:another", `student:${LAB}`] });
  const proofs = await lookForLeftovers([PLACE]);
  expect(proofs).toMatchObject([{ lab: LAB, leftovers: [] }]);
  expect(proofText(proofs)).toBe(
    `DigitalOcean has no droplet, volume, firewall, reserved IP or snapshot of it: ${LAB}`,
  );
  expect(withProof([{ lab: LAB, status: "done" }], { proofs }).exitCode).toBe(EXIT.done);
});

test("what is left is named, each with the command that removes it", async () => {
  await make("droplets", { name: `lab-${LAB}`, size: "s-2vcpu-4gb", tags: TAGS });
  await make("volumes", { name: `lab-${LAB}-data`, tags: TAGS });
  await make("firewalls", { name: `lab-${LAB}`, droplet_ids: [] });
  await make("firewalls", { name: "of somebody else", droplet_ids: [1] });
  await make("reserved_ips", { region: "nyc3" });
  await make("snapshots", { name: "before the exam", resource_id: "1000" });
  const ip = [...api.reservedIps.keys()][0]!;
  const instances = [{ attributes: { id: "1000" } }, { attributes: { id: "x", ip_address: ip } }];
  mkdirSync(labFolder(LAB), { recursive: true });
  writeFileSync(join(labFolder(LAB), "droplet.tfstate"), JSON.stringify({ resources: [{ instances }] }));
  await noteWhatThereIs({ id: LAB });
  // A down that was interrupted has emptied the state; the note stays.
  writeFileSync(join(labFolder(LAB), "droplet.tfstate"), JSON.stringify({ resources: [] }));
  await noteWhatThereIs({ id: LAB });

  const proofs = await lookForLeftovers([PLACE]);
  const text = proofText(proofs);
  for (const kind of ["droplet", "volume", "firewall", "reserved IP", "snapshot"]) {
    expect(text).toMatch(
      new RegExp(`^  ${kind} .*: doctl compute ${kind.replace(" IP", "-ip")} delete \\S+ --force$`, "m"),
    );
  }
  expect(text).toContain(`doctl compute reserved-ip delete ${ip} --force`);
  expect(text.match(/doctl/g)).toHaveLength(5);
  expect(withProof([{ lab: LAB, status: "done" }], { proofs }).exitCode).toBe(EXIT.leftovers);
});

test("more than a page is read", async () => {
  const all = Array.from({ length: 203 }, (_, index) => ({ name: `lab-${index}`, size: "s-2vcpu-4gb", tags: TAGS }));
  await Promise.all(all.map((droplet) => make("droplets", droplet)));
  const [proof] = await lookForLeftovers([PLACE]);
  expect(proof!.leftovers).toHaveLength(203);
});

test("where the account does not answer, nothing is proven", async () => {
  api.faults.push(500);
  const proofs = await lookForLeftovers([PLACE]);
  expect(proofText(proofs)).toContain(`Not known whether something is left of ${LAB}: DigitalOcean does not answer`);
  expect(withProof([{ lab: LAB, status: "done" }], { proofs }).exitCode).toBe(EXIT.leftovers);
});

test("what the class has in the account and no student of its file is named, and no proof of the whole class", async () => {
  const wholeClass = parseClass("class.yaml", `name: W205\ntarget: digitalocean\nstudents: [{ id: ann }]`);
  await make("droplets", { name: "lab-ann", size: "s-2vcpu-4gb", tags: ["class:w205", "student:ann"] });
  await make("droplets", { name: `lab-${LAB}`, size: "s-2vcpu-4gb", tags: TAGS });
  await make("volumes", { name: "lab-eve-data", tags: ["class:w205", "student:eve"] });
  await make("droplets", { name: "lab-other", size: "s-2vcpu-4gb", tags: ["class:another", "student:other"] });
  mkdirSync(labFolder(LAB), { recursive: true });
  const strays = await lookForStrays(wholeClass);
  expect(strays).toEqual([
    { lab: LAB, what: `droplet lab-${LAB}`, billed: true, remove: `npm run class -- down ${LAB}` },
    {
      lab: "eve",
      what: "volume lab-eve-data",
      billed: true,
      remove: expect.stringMatching(/^doctl compute volume delete \S+ --force$/) as string,
    },
  ]);
  const done = [{ lab: "ann", status: "done" }] as const;
  const { exitCode, text } = withProof(done, { proofs: [], strays, ofAll: true });
  expect(exitCode).toBe(EXIT.leftovers);
  expect(text).toMatch(
    new RegExp(`^Billed, and of nobody in the class file:\n  droplet lab-${LAB} \\(${LAB}\\): npm run`, "m"),
  );
  // Who has asked for one lab is told of the others, and has what was asked for.
  expect(withProof(done, { proofs: [], strays }).exitCode).toBe(EXIT.done);
});

describe("a student who is not in the class file any more", () => {
  const wholeClass = parseClass(
    "class.yaml",
    `name: W205\ntarget: { digitalocean: { region: fra1 } }\nstudents: [{ id: ann, target: local }, { id: ben }]`,
  );
  const write = (name: string, value: object): void => {
    mkdirSync(labFolder(LAB), { recursive: true });
    writeFileSync(join(labFolder(LAB), name), JSON.stringify(value));
  };

  test("has no lab where there never was one", () => {
    expect(formerLab(LAB, wholeClass)).toBeUndefined();
  });

  test("on this machine", () => {
    write("terraform.tfstate", {});
    expect(formerLab(LAB, wholeClass)).toEqual({ id: LAB, services: {}, target: undefined, state: undefined });
  });

  test("on a droplet, by the state, by the way to it, or by what a taking away has noted", async () => {
    const target = { kind: "digitalocean", options: { className: "W205", region: "fra1" } };
    write("droplet.tfstate", { resources: [] });
    expect(formerLab(LAB, wholeClass)).toMatchObject({ target });
    await noteWhatThereIs({ id: LAB });
    rmSync(join(labFolder(LAB), "droplet.tfstate"));
    expect(formerLab(LAB, wholeClass)).toMatchObject({ target });
    rmSync(join(labFolder(LAB), "taking-away.json"));
    write("login.json", { lab: LAB, user: "science", port: 22, pages: {} });
    expect(formerLab(LAB, wholeClass)).toMatchObject({ target });
    const local = parseClass("class.yaml", "name: W205\nstudents: [{ id: ann }]");
    expect(formerLab(LAB, local)?.target).toEqual({ kind: "digitalocean", options: { className: "W205" } });
  });

  test("on a host of one's own", () => {
    write("login.json", { lab: LAB, user: "ops", address: "192.0.2.7", port: 2222, pages: {} });
    writeFileSync(join(labFolder(LAB), "known_hosts"), `lab-${LAB} ssh-ed25519 AAAA\n`);
    expect(formerLab(LAB, wholeClass)?.target).toMatchObject({
      kind: "host",
      user: "ops",
      address: "192.0.2.7",
      port: 2222,
      hostKey: "ssh-ed25519 AAAA",
    });
  });
});
