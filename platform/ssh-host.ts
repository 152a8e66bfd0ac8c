import { readFileSync } from "node:fs";
import { BadInputError, checkInteger, refuse, show } from "./checks";
import { isFile } from "./files";
import { LabHost, SCIENCE_UID } from "./host";

/** A machine with a Docker engine that is reached by SSH. */
export interface SshHostProps {
  /** The lab's id: the host's alias and its files in labs/<id>/ are named after it. */
  readonly lab: string;
  /** Whom to log in as: a user who may use Docker there. */
  readonly user: string;
  /**
   * The host's name or address.
   * @default - not known yet: the droplet's stack writes it down once the droplet is there
   */
  readonly address?: string;
  /**
   * The port of its sshd.
   * @default 22
   */
  readonly port?: number;
  /**
   * The folder on the host that holds `w205/` and docker-compose's files.
   * @default - the user's home
   */
  readonly folder?: string;
  /**
   * The user's number on the host: the student's files are theirs, and the student's containers run as it.
   * @default 1000
   */
  readonly uid?: number;
  /**
   * The number of the user's group.
   * @default 1000
   */
  readonly gid?: number;
}

/** A host's address and the key that it must show. */
export interface SshAddress {
  readonly user: string;
  readonly address: string;
  readonly port: number;
}

const NAME = /^[a-z_][a-z0-9_-]{0,31}$/;
const HOST_KEY_TYPES = /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa)$/;
const KEY_TYPES =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/;

/** A lab's host that is reached by SSH. @throws BadInputError on what can't be */
export function sshHost(where: string, props: SshHostProps): LabHost {
  const { lab, user, address, port = 22, uid = SCIENCE_UID, gid = SCIENCE_UID } = props;
  const folder = props.folder ?? `/home/${user}`;
  checkUser(where, user);
  checkInteger(where, "port", port, 1, 65535);
  checkInteger(where, "uid", uid, 1, 0xffff_fffe);
  checkInteger(where, "gid", gid, 1, 0xffff_fffe);
  if (!/^(\/[A-Za-z0-9._-]+)+$/.test(folder) || folder.split("/").includes("..")) {
    throw new BadInputError(where, `folder is ${show(folder)}; allowed is an absolute path such as /home/${user}.`, [
      "folder",
    ]);
  }
  const alias = sshAlias(lab);
  return {
    dockerHost: `ssh://${user}@${alias}`,
    owner: { uid, gid },
    ssh: {
      alias,
      user,
      folder,
      configFile: `labs/${lab}/ssh_config`,
      machine: address ? `${address}:${port}` : alias,
    },
  };
}

/** The name by which a lab's host stands in its ssh_config and its known_hosts. */
export function sshAlias(lab: string): string {
  return `lab-${lab}`;
}

/** Reads ssh://user@address or ssh://user@address:port. @throws BadInputError */
export function parseSshAddress(where: string, text: unknown): SshAddress {
  const match = /^ssh:\/\/([^@/:]+)@([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-f:]+\])(?::(\d+))?\/?$/.exec(String(text));
  if (typeof text !== "string" || !match) {
    throw new BadInputError(where, `host is ${show(text)}; allowed is ssh://user@address or ssh://user@address:port.`, [
      "host",
    ]);
  }
  const [, user = "", address = "", port = "22"] = match;
  checkUser(where, user);
  checkInteger(where, "port", Number(port), 1, 65535);
  return { user, address: address.replace(/^\[|\]$/g, ""), port: Number(port) };
}

function checkUser(where: string, user: unknown): void {
  if (typeof user !== "string" || !NAME.test(user)) {
    throw new BadInputError(where, `user is ${show(user)}; allowed is the name of a user on the host.`, ["host"]);
  }
  if (user === "root") {
    throw new BadInputError(where, `user is "root"; allowed is a user of the group docker, who is not root.`, ["host"]);
  }
}

/** A host's public key without its comment. @throws BadInputError with how to get it */
export function checkHostKey(where: string, key: unknown): string {
  const bare = typeof key === "string" ? key.trim().split(/\s+/).slice(0, 2).join(" ") : "";
  if (!isPublicKey(bare, HOST_KEY_TYPES)) {
    refuse(
      where,
      `hostKey is ${show(key)}; allowed is the host's public key, such as "ssh-ed25519 AAAA...". ` +
        `On the host itself it is in /etc/ssh/ssh_host_ed25519_key.pub.`,
      ["hostKey"],
    );
  }
  return bare;
}

/**
 * Whether a line is a whole public key of these types. Its second word is fields of a length and so many bytes each,
 * the first of which is the type once more (RFC 4253, section 6.6): a key that was cut or mixed up does not fit.
 */
function isPublicKey(line: string, types: RegExp): boolean {
  const [type = "", text = ""] = line.split(" ");
  const bytes = Buffer.from(text, "base64");
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    fields.push(bytes.subarray(start, at));
  }
  return (
    types.test(type) &&
    bytes.toString("base64") === text &&
    at === bytes.length &&
    fields.length > 1 &&
    fields[0]!.toString("latin1") === type &&
    (type !== "ssh-ed25519" || fields[1]!.length === 32)
  );
}

/**
 * The public keys in a file, one a line.
 *
 * @param option the option that names the file
 * @throws BadInputError on a missing file, a private key, or no key at all
 */
export function readPublicKeys(where: string, file: string, option = "key file"): string[] {
  const bad = (problem: string): string[] => {
    refuse(where, problem, [option]);
    return [];
  };
  if (!isFile(file)) {
    return bad(`there is no SSH key file ${show(file)}; allowed is a public key's file (*.pub).`);
  }
  const text = readFileSync(file, "utf8");
  if (/PRIVATE KEY/.test(text)) {
    return bad(
      `the SSH key file ${show(file)} holds a private key; allowed is the public one beside it, ${show(`${file}.pub`)}. ` +
        `A private key never leaves its owner's machine.`,
    );
  }
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
  const wrong = keys.find((key) => !isPublicKey(key, KEY_TYPES));
  if (keys.length === 0 || wrong !== undefined) {
    return bad(
      `the SSH key file ${show(file)} ${wrong === undefined ? "is empty" : `has the line ${show(wrong)}`}; ` +
        `allowed are whole public keys such as "ssh-ed25519 AAAA... name".`,
    );
  }
  return keys;
}
