import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { accessText } from "./access-text";
import { writeIfChanged } from "./files";
import { sshAlias } from "./ssh-host";

/** How a lab's host is reached from this machine. */
export interface SshLogin {
  /** The lab's id. */
  readonly lab: string;
  readonly user: string;
  /** Undefined while there is no host: a connection then says so. */
  readonly address?: string;
  readonly port: number;
  /** The private key's file on this machine. Undefined: the agent's keys, then ssh's own defaults. */
  readonly identityFile?: string;
  /** Ports on the host's loopback that a tunnel brings to a browser, by what answers there. */
  readonly pages: Readonly<Record<string, number>>;
}

/** The droplet that holds a lab, as its stack found it. */
export interface FoundDroplet {
  /** DigitalOcean's number of it: another one is another machine, with another key. */
  readonly id: string;
  readonly address: string;
}

/** Writes what ssh needs to reach a lab's host, and what a person needs, into the lab's folder. */
export function writeAccess(folder: string, login: SshLogin): void {
  mkdirSync(folder, { recursive: true });
  writeIfChanged(join(folder, "login.json"), `${JSON.stringify(login, undefined, 2)}\n`);
  refreshAccess(folder);
}

/** How a lab's host is reached, as its last synth wrote it; undefined for a lab on this machine. */
export function knownLogin(folder: string): SshLogin | undefined {
  const file = join(folder, "login.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as SshLogin) : undefined;
}

/** The same after the host's address or key became known. */
export function refreshAccess(folder: string): void {
  const login = knownLogin(folder)!;
  const known = { ...login, address: login.address ?? foundDroplet(folder)?.address };
  writeSshConfig(folder, known);
  const key = pinnedKey(folder);
  if (known.address !== undefined && key !== undefined) {
    writeIfChanged(join(folder, ACCESS_FILE), accessText({ ...known, address: known.address }, key));
  } else {
    rmSync(join(folder, ACCESS_FILE), { force: true });
  }
}

/** How to get in, for a person. */
export const ACCESS_FILE = "getting-in.txt";

const DROPLET_FILE = "droplet.json";

/** The droplet of a lab, if its stack has found one. */
export function foundDroplet(folder: string): FoundDroplet | undefined {
  const file = join(folder, DROPLET_FILE);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as FoundDroplet) : undefined;
}

/** Notes a lab's droplet. */
export function noteDroplet(folder: string, droplet: FoundDroplet): void {
  writeIfChanged(join(folder, DROPLET_FILE), `${JSON.stringify(droplet)}\n`);
}

/** Takes away all that led to a lab's host. */
export function forgetHost(folder: string): void {
  for (const file of ["ssh_config", "known_hosts", "login.json", DROPLET_FILE, ACCESS_FILE]) {
    rmSync(join(folder, file), { force: true });
  }
}

/** The file with the one key that the host may show. */
export function knownHostsFile(folder: string): string {
  return join(folder, "known_hosts");
}

/** Writes the ssh_config of a lab's host: all that ssh must know, and nothing of the user's own files is read. */
function writeSshConfig(folder: string, login: SshLogin): void {
  // For the shared connection's socket: its path must be short, and its folder nobody else's.
  mkdirSync(join(userInfo().homedir, ".ssh"), { recursive: true, mode: 0o700 });
  const lines = [
    `# How to reach the host of the lab "${login.lab}". Written by each synth and deploy.`,
    `Host ${sshAlias(login.lab)}`,
    ...(login.address === undefined ? [nowhere(login.lab)] : [`HostName ${login.address}`, `Port ${login.port}`]),
    `User ${login.user}`,
    `HostKeyAlias ${sshAlias(login.lab)}`,
    `UserKnownHostsFile ${configWord(knownHostsFile(folder))}`,
    "GlobalKnownHostsFile /dev/null",
    "StrictHostKeyChecking yes",
    "UpdateHostKeys no",
    "PreferredAuthentications publickey",
    ...(login.identityFile ? [`IdentityFile ${configWord(login.identityFile)}`, "IdentitiesOnly yes"] : []),
    "ForwardAgent no",
    "ConnectTimeout 15",
    "ServerAliveInterval 10",
    "ServerAliveCountMax 9",
    // With a master ssh would keep what a ProxyCommand says to itself.
    ...(login.address === undefined ? [] : sharedConnection(folder, login)),
    "LogLevel ERROR",
  ];
  writeIfChanged(join(folder, "ssh_config"), `${lines.join("\n  ").replace("\n  ", "\n")}\n`);
}

/**
 * One connection carries all the commands of a deploy: sshd drops those who come in dozens. It is of one lab and one key:
 * a new droplet may get the address of one that is gone, while the connection to that one lingers.
 */
function sharedConnection(folder: string, { address, port, user }: SshLogin): string[] {
  const of = JSON.stringify([folder, address, port, user, pinnedKey(folder)]);
  const socket = createHash("sha256").update(of).digest("hex").slice(0, 16);
  return ["ControlMaster auto", `ControlPath ~/.ssh/lab-${socket}`, "ControlPersist 30"];
}

/** Pins the key that the host of a lab must show from now on. */
export function writeKnownHosts(folder: string, lab: string, hostKey: string): void {
  writeIfChanged(knownHostsFile(folder), `${sshAlias(lab)} ${hostKey}\n`);
}

/** Forgets the pinned key. */
export function forgetKnownHosts(folder: string): void {
  rmSync(knownHostsFile(folder), { force: true });
}

/** The pinned key of a lab's host, if there is one. */
export function pinnedKey(folder: string): string | undefined {
  const file = knownHostsFile(folder);
  return existsSync(file) ? readFileSync(file, "utf8").trim().split(" ").slice(1, 3).join(" ") : undefined;
}

/** A connection without an address ends with this message. */
function nowhere(lab: string): string {
  const message = `the lab ${lab} has no host yet: deploy its droplet first (npx cdktf deploy ${lab}-droplet)`;
  return `ProxyCommand sh -c 'echo "${message}" >&2; exit 1'`;
}

function configWord(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}
