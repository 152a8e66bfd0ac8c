import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { certificatesHash, extraCertificates, writeCertificates } from "./certificates.mjs";
import { importDebian } from "./debootstrap.mjs";
import { MACHINE, REPOSITORY } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { ask, lastLines, work } from "./run.mjs";

/** Names the base image where it is not the default; synth reads it (see roster/machine.ts). */
const NAME_FILE = join(MACHINE, "base-image");
/** A pull of 30 MB over a class's network. */
const PULL_SECONDS = 600;

/** @type {import("./steps.mjs").Step} */
export const baseImage = {
  name: "base image",
  run(say) {
    const asked = process.env.BASE_IMAGE;
    if (asked) {
      return `${asked}, as BASE_IMAGE says`;
    }
    const certificates = extraCertificates();
    const official = defaultImage();
    const own = ownName(certificates);
    if (inDaemon(own)) {
      note(own);
      return `${own}, there already`;
    }
    const pulled = inDaemon(official) ? { ok: true, message: "" } : pull(say, official);
    if (pulled.ok && certificates.length === 0) {
      note(undefined);
      return official;
    }
    if (pulled.ok) {
      say(`adding this machine's ${certificates.length} extra CA certificates to ${official}`);
      derive(official, own, certificates);
    } else {
      importDebian(say, own, certificates, pulled.message);
    }
    note(own);
    return `${own}, made`;
  },
};

/** The image that images/base/Dockerfile stands on unless told otherwise. */
export function defaultImage() {
  const dockerfile = join(REPOSITORY, "images", "base", "Dockerfile");
  const name = /^ARG BASE_IMAGE=(\S+)$/m.exec(readFileSync(dockerfile, "utf8"))?.[1];
  if (!name) {
    throw new Refusal(`There is no line "ARG BASE_IMAGE=<image>" in ${dockerfile}.`);
  }
  return name;
}

/**
 * The name of a base image made on this machine.
 *
 * @param {readonly string[]} certificates
 */
export function ownName(certificates) {
  const hash = certificatesHash(certificates);
  return `fullstack-lab/debian:bookworm${hash && `-ca-${hash}`}`;
}

/** @param {string} image */
function inDaemon(image) {
  return ask("docker", ["image", "inspect", "--format", "{{.Id}}", image]).ok;
}

/**
 * @param {import("./steps.mjs").Say} say
 * @param {string} image
 */
function pull(say, image) {
  say(`pulling ${image}`);
  const { ok, stderr } = ask("docker", ["pull", "--quiet", image], { timeoutSeconds: PULL_SECONDS });
  return { ok, message: lastLines(stderr, 3) };
}

/**
 * @param {string} from
 * @param {string} name
 * @param {readonly string[]} certificates
 */
function derive(from, name, certificates) {
  const context = join(MACHINE, "certificates");
  rmSync(context, { recursive: true, force: true });
  writeCertificates(context, certificates);
  const folder = "/usr/local/share/ca-certificates/";
  writeFileSync(join(context, "Dockerfile"), `FROM ${from}\nCOPY *.crt ${folder}\n`);
  work("base-image", "docker", ["build", "-q", "-t", name, context]);
  rmSync(context, { recursive: true });
}

/** @param {string | undefined} name */
function note(name) {
  if (name === undefined) {
    rmSync(NAME_FILE, { force: true });
  } else if (!existsSync(NAME_FILE) || readFileSync(NAME_FILE, "utf8").trim() !== name) {
    mkdirSync(dirname(NAME_FILE), { recursive: true });
    writeFileSync(NAME_FILE, `${name}\n`);
  }
}
