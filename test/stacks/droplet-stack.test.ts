import { App, Testing } from "cdktf";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { collectMistakes } from "../../platform/checks";
import { bootDocument, CloudConfig, userData } from "../../platform/cloud-init";
import { DROPLET_SIZES, IMAGES, REGIONS } from "../../platform/droplet-sizes";
import { proofIn, proves } from "../../platform/pin-secret";
import { DropletOptions } from "../../stacks/droplet-options";
import { DropletStack } from "../../stacks/droplet-stack";
import type { SynthesizedStack } from "../support/synth";

const SECRET = "5e".repeat(32);
const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)} operator`;
const STUDENT_KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"B".repeat(43)} student`;
const SERVICES = [
  { serviceName: "kafka", memoryMiB: 512 },
  { serviceName: "spark", memoryMiB: 2048 },
];

const folder = mkdtempSync(join(tmpdir(), "droplet-"));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const operatorKeyFile = file("operator.pub", `${KEY}\n`);
const studentKeyFile = file("student.pub", `# mine\n${STUDENT_KEY}\n`);
afterAll(() => rmSync(folder, { recursive: true }));

function synth(options: DropletOptions = {}, services = SERVICES): SynthesizedStack {
  const app = Testing.stubVersion(new App({ stackTraces: false }));
  const props = { lab: "alice", services, pinSecret: SECRET, options: { operatorKeyFile, ...options } };
  return JSON.parse(Testing.synth(new DropletStack(app, "alice-droplet", props), true)) as SynthesizedStack;
}

/** The resource of a type that stands at the top of the stack. */
function resource(stack: SynthesizedStack, type: string, path: string): Record<string, unknown> {
  return stack.resource[type]![path.slice(1)]!;
}

function droplet(options: DropletOptions = {}): Record<string, unknown> {
  return resource(synth(options), "digitalocean_droplet", "/droplet");
}

function boot(options: DropletOptions = {}): CloudConfig {
  return parse((droplet(options).user_data as string).replaceAll("$${", "${")) as CloudConfig;
}

test("the whole with its defaults, to be read as a change of it is reviewed", () => {
  const { resource: resources, output, terraform, ...rest } = synth() as SynthesizedStack & { provider: unknown };
  const plain = JSON.parse(
    JSON.stringify({ provider: rest.provider, resources, output, terraform }, (key, value: unknown) =>
      key === "//" ? undefined : value,
    ),
  ) as unknown;
  expect(stringify(plain, { lineWidth: 0 })).toMatchSnapshot();
});

test("with every option", () => {
  const stack = synth({
    region: "fra1",
    size: "s-8vcpu-16gb",
    image: 123456,
    studentKeyFiles: [studentKeyFile],
    accountKeys: ["42", "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa"],
    sshFrom: ["203.0.113.0/24", "2001:db8::/32"],
    className: "w205",
    expires: "2026-12-20",
    monitoring: false,
    backups: true,
    dataVolumeGiB: 50,
    reservedIp: true,
    vpcId: "11111111-2222-4333-8444-555555555555",
    projectId: "66666666-7777-4888-9999-aaaaaaaaaaaa",
    readyWithinMinutes: 20,
  });
  expect(resource(stack, "digitalocean_droplet", "/droplet")).toMatchObject({
    region: "fra1",
    size: "s-8vcpu-16gb",
    image: "123456",
    ssh_keys: ["42", "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa"],
    tags: ["fullstack-lab", "class:w205", "student:alice", "expires:2026-12-20"],
    monitoring: false,
    backups: true,
    volume_ids: ["${digitalocean_volume.data.id}"],
    vpc_uuid: "11111111-2222-4333-8444-555555555555",
  });
  expect(resource(stack, "digitalocean_volume", "/data")).toMatchObject({ size: 50, region: "fra1" });
  expect(resource(stack, "digitalocean_project_resources", "/project").resources).toHaveLength(2);
  expect(resource(stack, "digitalocean_firewall", "/firewall").inbound_rule).toEqual([
    { protocol: "tcp", port_range: "22", source_addresses: ["203.0.113.0/24", "2001:db8::/32"] },
  ]);
  expect(JSON.stringify(resource(stack, "terraform_data", "/ready"))).toContain("--timeout 1200");
  expect(stack.output.address!.value).toContain("digitalocean_reserved_ip_assignment");
  expect(JSON.stringify(stack.resource.terraform_data)).toContain(
    "account --region fra1 --size s-8vcpu-16gb --image 123456",
  );
});

test("no change of a key, of the boot or of the image replaces a droplet, and a change of region is refused", () => {
  const { lifecycle } = droplet() as { lifecycle: { ignore_changes: string[]; postcondition: unknown[] } };
  expect(lifecycle.ignore_changes).toEqual(
    expect.arrayContaining(["ssh_keys", "user_data", "image", "region", "vpc_uuid", "monitoring"]),
  );
  expect(JSON.stringify(lifecycle.postcondition)).toContain("A droplet can't move");
});

describe("the boot", () => {
  test("makes the user science with the public keys, and nobody gets in by password or as root", () => {
    const document = boot({ studentKeyFiles: [studentKeyFile] });
    expect(document.users).toEqual([
      {
        name: "science",
        uid: 1000,
        groups: ["adm", "docker"],
        shell: "/bin/bash",
        lock_passwd: true,
        ssh_authorized_keys: [KEY, STUDENT_KEY],
      },
    ]);
    expect(document).toMatchObject({ disable_root: true, ssh_pwauth: false });
    const sshd = document.write_files.find(({ path }) => path.includes("sshd_config.d"))!.content;
    for (const line of [
      "PasswordAuthentication no",
      "PermitRootLogin no",
      "MaxStartups 100:30:200",
      "AllowUsers science",
    ]) {
      expect(sshd.split("\n")).toContain(line);
    }
  });

  test("has Docker keep containers over its own restart, rotate logs, and publish on the loopback alone", () => {
    const settings = boot().write_files.find(({ path }) => path === "/etc/docker/daemon.json")!.content;
    expect(JSON.parse(settings)).toEqual({
      "live-restore": true,
      "log-driver": "json-file",
      "log-opts": { "max-size": "10m", "max-file": "3" },
      ip: "127.0.0.1",
    });
  });

  test("has a swap file on small sizes alone", () => {
    expect(boot({ size: "s-2vcpu-4gb" }).swap).toEqual({ filename: "/swapfile", size: 2 * 1024 ** 3 });
    expect(boot().swap).toBeUndefined();
  });

  test("puts Docker and the student's folder on the volume, and Docker waits for it", () => {
    const document = boot({ dataVolumeGiB: 50 });
    expect(document.mounts).toEqual([
      ["/dev/disk/by-id/scsi-0DO_Volume_lab-alice-data", "/mnt/lab", "ext4", "defaults,nofail,discard", "0", "2"],
    ]);
    expect(JSON.stringify(document.write_files)).toContain("RequiresMountsFor=/mnt/lab /home/science/w205");
    expect(JSON.stringify(document.write_files)).toContain("/mnt/lab/docker");
  });

  test("holds no private key, and no token", () => {
    process.env.DIGITALOCEAN_TOKEN = "canary-of-a-token";
    try {
      const stack = JSON.stringify(synth({ studentKeyFiles: [studentKeyFile] }));
      expect(stack).not.toMatch(/PRIVATE KEY|canary-of-a-token/);
      expect(stack).not.toContain("StrictHostKeyChecking=no");
    } finally {
      delete process.env.DIGITALOCEAN_TOKEN;
    }
  });

  test("is refused when DigitalOcean would not take it", () => {
    const many = Array.from({ length: 900 }, (_, i) => `${KEY}${i}`);
    const document = bootDocument({ lab: "alice", publicKeys: many, pinSecret: SECRET, swapMiB: 0 });
    expect(() => userData("alice-droplet", document)).toThrow(/user data come to \d+ bytes; allowed are 65536/);
  });
});

describe("the proof of a host key", () => {
  const key = "ssh-ed25519 AAAAC3Nz";
  const proof = createHmac("sha256", Buffer.from(SECRET, "hex")).update(key).digest("hex");

  test("is found in what sshd shows, and holds for its key and its secret alone", () => {
    expect(proofIn(`Warning\nfullstack-lab host key proof ${proof}\r\nscience@x: Permission denied`)).toBe(proof);
    expect(proofIn("Welcome")).toBeUndefined();
    expect(proves(SECRET, key, proof)).toBe(true);
    expect(proves(SECRET, `${key}A`, proof)).toBe(false);
    expect(proves("00".repeat(32), key, proof)).toBe(false);
  });
});

describe("what can't be is refused at synth", () => {
  const privateKey = file("id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
  test.each<[string, unknown, RegExp]>([
    ["a region", { region: "fra2" }, /region is "fra2". Did you mean "fra1"\? Allowed \(as of /],
    ["a size", { size: "s-4vcpu-8g" }, /size is "s-4vcpu-8g". Did you mean "s-4vcpu-8gb"/],
    ["an image", { image: "debian-12-x46" }, /Did you mean "debian-12-x64"/],
    ["an option", { regoin: "fra1" }, /unknown option "regoin". Did you mean "region"/],
    ["a key file that is missing", { studentKeyFiles: ["/nowhere.pub"] }, /there is no SSH key file "\/nowhere.pub"/],
    ["a private key", { studentKeyFiles: [privateKey] }, /holds a private key; allowed is the public one beside it/],
    ["a file without a key", { studentKeyFiles: [file("empty.pub", "\n")] }, /is empty; allowed are whole public keys/],
    ["a file with something else", { studentKeyFiles: [file("odd.pub", "hello\n")] }, /has the line "hello"/],
    [
      "a key that was cut",
      { studentKeyFiles: [file("cut.pub", `${KEY.slice(0, 60)}\n`)] },
      /has the line "ssh-ed25519 AAAA/,
    ],
    [
      "a key of another type",
      { studentKeyFiles: [file("rsa.pub", KEY.replace("ed25519", "rsa"))] },
      /has the line "ssh-rsa/,
    ],
    ["a list that is none", { sshFrom: "203.0.113.0/24" }, /sshFrom is "203.0.113.0\/24"; allowed is a list/],
    ["a network", { sshFrom: ["203.0.113.0/33"] }, /sshFrom is "203.0.113.0\/33"/],
    ["a day", { expires: "2026-02-30" }, /expires is "2026-02-30"; allowed is a day/],
    ["a size without room for the disk", { size: "s-1vcpu-512mb-10gb" }, /size is "s-1vcpu-512mb-10gb"/],
    ["a volume that is too small", { dataVolumeGiB: 1 }, /dataVolumeGiB is 1/],
    ["a VPC", { vpcId: "default" }, /vpcId is "default"; allowed is a UUID/],
    ["a word for a switch", { backups: "yes" }, /backups is "yes"; allowed is true or false/],
  ])("%s", (_name, options, message) => {
    expect(() => synth(options as DropletOptions)).toThrow(message);
  });

  test("all of it at once", () => {
    const options = { region: "fra2", size: "s-1vcpu-512mb-10gb", image: "debian", studentKeyFiles: [privateKey] };
    const { mistakes } = collectMistakes(() => synth(options));
    expect(mistakes.map(({ options: about }) => about[0])).toEqual(["region", "image", "size", "studentKeyFiles"]);
  });

  test("a size that the lab's own limits do not fit into: the sum, its parts and a size that fits", () => {
    const services = [...SERVICES, { serviceName: "presto", memoryMiB: 3500 }];
    expect(() => synth({ size: "s-2vcpu-4gb" }, services)).toThrow(
      /needs 6572 MiB \(kafka 512, spark 2048, presto 3500, the system 512\).*The cheapest size it fits into is "s-2vcpu-8gb-amd"/,
    );
  });
});

const network = fc.oneof(
  fc.ipV4(),
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([address, bits]) => `${address}/${bits}`),
);
const fitting = Object.keys(DROPLET_SIZES).filter((name) => DROPLET_SIZES[name]!.memoryMiB >= 4096);

test("no configuration opens another port than SSH to the world", () => {
  const options = fc.record(
    {
      region: fc.constantFrom(...REGIONS),
      size: fc.constantFrom(...fitting),
      image: fc.oneof(fc.constantFrom(...IMAGES), fc.nat()),
      sshFrom: fc.array(network, { minLength: 1, maxLength: 4 }),
      className: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/),
      monitoring: fc.boolean(),
      backups: fc.boolean(),
      reservedIp: fc.boolean(),
      dataVolumeGiB: fc.integer({ min: 25, max: 500 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(options, (drawn) => {
      const stack = synth(drawn);
      const firewall = resource(stack, "digitalocean_firewall", "/firewall");
      const rules = firewall.inbound_rule as { protocol: string; port_range: string; source_addresses: string[] }[];
      expect(rules.map(({ protocol, port_range }) => `${protocol} ${port_range}`)).toEqual(["tcp 22"]);
      expect(rules[0]!.source_addresses).toEqual(drawn.sshFrom ?? ["0.0.0.0/0", "::/0"]);
      expect(firewall.droplet_ids).toEqual(["${digitalocean_droplet.droplet.id}"]);
      expect(Object.keys(stack.resource.digitalocean_firewall!)).toHaveLength(1);
    }),
    { numRuns: 40 },
  );
});
