import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { pinSecret, spendPinSecret } from "../../platform/pin-secret";
import { quoteWord } from "../../platform/shell";
import {
  ACCESS_FILE,
  forgetHost,
  forgetKnownHosts,
  foundDroplet,
  noteDroplet,
  pinnedKey,
  refreshAccess,
  writeAccess,
  writeKnownHosts,
} from "../../platform/ssh-files";
import { checkHostKey, parseSshAddress, sshHost } from "../../platform/ssh-host";
import { moduleLines } from "../../platform/steps/boot-progress";
import { sshCommand } from "../../platform/steps/docker";

const KEY = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
const LOGIN = { lab: "alice", user: "science", port: 22, pages: { JupyterLab: 8888, Presto: 8080 } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ssh host "));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The settings that ssh itself reads from a lab's ssh_config. */
function settings(): Record<string, string> {
  const output = execFileSync("ssh", ["-G", "-F", join(folder, "ssh_config"), "lab-alice"], { encoding: "utf8" });
  return Object.fromEntries(
    output.split("\n").map((line) => [line.split(" ")[0]!, line.split(" ").slice(1).join(" ")]),
  );
}

test("ssh reads the lab's own settings, and trusts the pinned key alone", () => {
  writeKnownHosts(folder, "alice", KEY);
  writeAccess(folder, { ...LOGIN, address: "203.0.113.7", port: 2222, identityFile: "/keys/100% mine" });
  expect(settings()).toMatchObject({
    hostname: "203.0.113.7",
    port: "2222",
    user: "science",
    hostkeyalias: "lab-alice",
    stricthostkeychecking: "true",
    globalknownhostsfile: "/dev/null",
    identitiesonly: "yes",
    forwardagent: "no",
    controlmaster: "auto",
  });
  expect(settings().userknownhostsfile).toContain(join(folder, "known_hosts"));
  expect(settings().identityfile).toContain("mine");
  expect(readFileSync(join(folder, "known_hosts"), "utf8")).toBe(`lab-alice ${KEY}\n`);
});

test("a host that is not there yet says which droplet to deploy", () => {
  writeAccess(folder, LOGIN);
  expect(existsSync(join(folder, ACCESS_FILE))).toBe(false);
  expect(() =>
    execFileSync("ssh", ["-F", join(folder, "ssh_config"), "lab-alice", "true"], {
      stdio: "pipe",
    }),
  ).toThrow(/the lab alice has no host yet: deploy its droplet first \(npx cdktf deploy alice-droplet\)/);
});

test("once the droplet is found and its key pinned, a person reads how to get in", () => {
  writeAccess(folder, LOGIN);
  noteDroplet(folder, { id: "7", address: "203.0.113.9" });
  writeKnownHosts(folder, "alice", KEY);
  refreshAccess(folder);
  expect(foundDroplet(folder)).toEqual({ id: "7", address: "203.0.113.9" });
  expect(pinnedKey(folder)).toBe(KEY);
  const text = readFileSync(join(folder, ACCESS_FILE), "utf8");
  expect(text).toContain("ssh -F labs/alice/ssh_config lab-alice");
  expect(text).toContain("-L 8888:127.0.0.1:8888 -L 8080:127.0.0.1:8080");
  expect(text).toContain(`lab-alice ${KEY}`);
  expect(text).toContain("HostName 203.0.113.9");
  forgetKnownHosts(folder);
  refreshAccess(folder);
  expect(existsSync(join(folder, ACCESS_FILE))).toBe(false);
  forgetHost(folder);
  expect(existsSync(join(folder, "ssh_config"))).toBe(false);
});

test("a droplet that gets the address of one that is gone has a connection of its own", () => {
  const socket = (): string => /ControlPath (\S+)/.exec(readFileSync(join(folder, "ssh_config"), "utf8"))![1]!;
  const sockets = [KEY, `${KEY.slice(0, -4)}BBBB`].map((key) => {
    writeKnownHosts(folder, "alice", key);
    writeAccess(folder, { ...LOGIN, address: "203.0.113.9" });
    return socket();
  });
  writeAccess(folder, { ...LOGIN, address: "203.0.113.9" });
  expect(socket()).toBe(sockets[1]);
  expect(new Set(sockets).size).toBe(2);
});

test("the one-time secret is its owner's alone, stays until it is spent, and is another one then", () => {
  const secret = pinSecret(folder);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(pinSecret(folder)).toBe(secret);
  expect(statSync(join(folder, "pin-secret")).mode & 0o777).toBe(0o600);
  spendPinSecret(folder);
  expect(pinSecret(folder)).not.toBe(secret);
});

test("another machine's shell reads a step's words as they were", () => {
  const word = fc.string().filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
      const line = sshCommand("config", "host", ["printf", "%s\\0", ...words]).at(-1)!;
      expect(execFileSync("sh", ["-c", line]).toString("utf8").split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 40 },
  );
  expect(quoteWord("it's")).toBe(`'it'\\''s'`);
});

describe("a host that somebody has", () => {
  test.each([
    ["ssh://ann@lab.example", { user: "ann", address: "lab.example", port: 22 }],
    ["ssh://ann@203.0.113.7:2222", { user: "ann", address: "203.0.113.7", port: 2222 }],
    ["ssh://ann@[2001:db8::1]:22", { user: "ann", address: "2001:db8::1", port: 22 }],
  ])("%s", (text, expected) => expect(parseSshAddress("x", text)).toEqual(expected));

  test.each([
    ["ssh://lab.example", /host is "ssh:\/\/lab.example"; allowed is ssh:\/\/user@address/],
    ["ann@lab.example", /allowed is ssh:\/\/user@address/],
    ["ssh://root@lab.example", /user is "root"/],
    ["ssh://ann@lab.example:99999", /port is 99999/],
    ["ssh://ann@-oProxyCommand=evil", /allowed is ssh:\/\/user@address/],
  ])("%s is refused", (text, message) => expect(() => parseSshAddress("x", text)).toThrow(message));

  test("its key without the comment, or how to get it", () => {
    expect(checkHostKey("x", `${KEY} root@host`)).toBe(KEY);
    expect(() => checkHostKey("x", undefined)).toThrow(/ssh_host_ed25519_key.pub/);
    expect(() => checkHostKey("x", "-----BEGIN")).toThrow(/hostKey is/);
  });

  test("labs on one machine share its ports, and have folders of their own", () => {
    const [one, other] = ["alice", "bob"].map((lab) =>
      sshHost("x", { lab, user: "ann", address: "lab.example", folder: `/srv/${lab}`, uid: 1001, gid: 100 }),
    );
    expect(one!.ssh!.machine).toBe(other!.ssh!.machine);
    expect(one).toMatchObject({ dockerHost: "ssh://ann@lab-alice", owner: { uid: 1001, gid: 100 } });
    expect(() => sshHost("x", { lab: "alice", user: "ann", folder: "/srv/../etc" })).toThrow(/folder is/);
  });
});

test("of a boot's log the failing module's lines are shown", () => {
  const log = [
    "cc_locale.py[DEBUG]: fine",
    "util.py[WARNING]: Running module runcmd failed",
    "cc_runcmd.py: line",
  ].join("\n");
  expect(moduleLines(log, ["runcmd"])).toBe("util.py[WARNING]: Running module runcmd failed\ncc_runcmd.py: line");
});
