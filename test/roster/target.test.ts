import { parseClass } from "../../roster/class-file";

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;

function targets(...lines: string[]): unknown[] {
  return parseClass("class.yaml", lines.join("\n")).labs.map(({ target }) => target);
}

test("a class's target is its students', and their own options come over it", () => {
  expect(
    targets(
      "target: { digitalocean: { region: fra1, size: s-4vcpu-8gb } }",
      "students:",
      "  - id: alice",
      "  - id: bob",
      "    target: { digitalocean: { size: s-8vcpu-16gb } }",
      "  - id: carol",
      "    target: local",
      "  - id: dora",
      `    target: { host: "ssh://dora@lab.example", hostKey: "${KEY}", folder: /srv/dora, uid: 1001, gid: 1001 }`,
    ),
  ).toEqual([
    { kind: "digitalocean", options: { region: "fra1", size: "s-4vcpu-8gb" } },
    { kind: "digitalocean", options: { region: "fra1", size: "s-8vcpu-16gb" } },
    undefined,
    {
      kind: "host",
      user: "dora",
      address: "lab.example",
      port: 22,
      hostKey: KEY,
      folder: "/srv/dora",
      uid: 1001,
      gid: 1001,
    },
  ]);
});

test.each([
  ["target: digitalocean", { kind: "digitalocean", options: {} }],
  ["target: { digitalocean: }", { kind: "digitalocean", options: {} }],
  ["target: local", undefined],
  ["", undefined],
])("%s", (line, expected) => {
  expect(targets(line, "students:", "  - id: alice")).toEqual([expected]);
});

test.each([
  ["azure", /class.yaml:2: target is "azure"; allowed is local, digitalocean/],
  ["{ digitalocaen: {} }", /unknown option "digitalocaen". Did you mean "digitalocean"/],
  ["{ digitalocean: 3 }", /digitalocean is 3; allowed is a mapping with region/],
  ["{ host: lab.example }", /host is "lab.example"; allowed is ssh:\/\/user@address/],
  ["{ host: ssh://a@lab.example }", /hostKey is missing: The public key that the machine must show/],
  [
    "{ host: ssh://a@lab.example, hostKey: ssh-ed25519 AAAA }",
    /hostKey is "ssh-ed25519 AAAA"; allowed is the host's public key/,
  ],
  [
    `{ host: ssh://a@lab.example, hostKey: "${KEY}", identityFile: ~/.ssh/nobodys }`,
    /there is no identityFile "~\/.ssh\/nobodys"; allowed is a private key's file/,
  ],
  ["{ host: ssh://a@lab.example, hostkey: x }", /unknown option "hostkey". Did you mean "hostKey"/],
])("%s is refused", (target, message) => {
  expect(() => targets("students:", `  - { id: alice, target: ${target} }`)).toThrow(message);
});
