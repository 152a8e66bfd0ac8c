import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../../platform/lab-files";
import { withProof } from "../../../scripts/class/down";
import { EXIT } from "../../../scripts/class/command";
import { LabPlace, lookForLeftovers, noteWhatThereIs, proofText } from "../../../scripts/class/leftovers";
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
  expect(withProof([{ lab: LAB, status: "done" }], proofs).exitCode).toBe(EXIT.done);
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
  expect(withProof([{ lab: LAB, status: "done" }], proofs).exitCode).toBe(EXIT.leftovers);
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
  expect(withProof([{ lab: LAB, status: "done" }], proofs).exitCode).toBe(EXIT.leftovers);
});
