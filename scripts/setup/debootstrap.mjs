import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canInstall, install } from "./apt.mjs";
import { aptSources, machineMirrors } from "./apt-sources.mjs";
import { writeCertificates } from "./certificates.mjs";
import { MACHINE } from "./paths.mjs";
import { Refusal } from "./refusal.mjs";
import { has, work } from "./run.mjs";

const SUITE = "bookworm";
const ROOT = join(MACHINE, "debian");

/** What nobody reads in a container is not unpacked: the official slim image has the same list. */
const UNREAD = ["doc", "info", "locale", "man"].map((folder) => `/usr/share/${folder}`);
const DPKG_OPTIONS = [
  ...UNREAD.map((folder) => `path-exclude ${folder}/*`),
  "path-include /usr/share/doc/*/copyright",
  "",
];
const APT_OPTIONS = [
  'APT::Install-Recommends "false";',
  'Acquire::Languages "none";',
  'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };',
  "",
];
/** What differs from one run or one machine to the next. */
const UNSTEADY = [
  "etc/hostname",
  "etc/resolv.conf",
  "var/log",
  "var/cache/apt",
  "var/cache/ldconfig",
  "var/lib/apt/lists",
  "tmp",
  "run",
];

/**
 * Makes the base image from Debian's own packages, for a machine that reaches Debian but no image registry.
 *
 * @param {import("./steps.mjs").Say} say
 * @param {string} name the image's
 * @param {readonly string[]} certificates to be trusted in it
 * @param {string} message what docker said of the registry
 */
export function importDebian(say, name, certificates, message) {
  if (process.getuid?.() !== 0 || !(has("debootstrap") || canInstall())) {
    throw new Refusal(
      `The base image could not be pulled:\n${message}`,
      "Mend the network, or name an image of Debian 12 that this machine's Docker has or can pull in BASE_IMAGE.\n" +
        "As root on Debian, with debootstrap, the image is made from Debian's packages instead.",
    );
  }
  say("no image registry answers: making the image from Debian's packages, about a minute");
  if (!has("debootstrap")) {
    say("installing debootstrap by apt-get, as root");
    install(["debootstrap"]);
  }
  removeRoot();
  try {
    bootstrap();
    slim();
    writeCertificates(join(ROOT, "usr/local/share/ca-certificates"), certificates);
    const pack = 'tar --numeric-owner --sort=name -C "$1" -c . | docker import --change \'CMD ["bash"]\' - "$2"';
    work("base-image", "bash", ["-o", "pipefail", "-c", pack, "bash", ROOT, name]);
  } finally {
    removeRoot();
  }
}

function bootstrap() {
  const mirrors = machineMirrors();
  const mirror = mirrors.main ? [mirrors.main] : [];
  work("debootstrap", "debootstrap", ["--variant=minbase", SUITE, ROOT, ...mirror]);
  const sources = join(ROOT, "etc/apt/sources.list");
  const main = readFileSync(sources, "utf8").split(/\s+/)[1];
  if (!main) {
    throw new Refusal(`debootstrap left no mirror in ${sources}.`);
  }
  writeFileSync(sources, aptSources(SUITE, main, mirrors.security));
  writeFileSync(join(ROOT, "etc/dpkg/dpkg.cfg.d/slim"), DPKG_OPTIONS.join("\n"));
  writeFileSync(join(ROOT, "etc/apt/apt.conf.d/slim"), APT_OPTIONS.join("\n"));
  const upgrade = "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get upgrade -qy && apt-get clean";
  work("debian-upgrade", "chroot", [ROOT, "sh", "-c", upgrade]);
}

/** Takes away what is not read, and what differs from one run or one machine to the next. */
function slim() {
  const unread = UNREAD.map((folder) => join(ROOT, folder));
  const unsteady = UNSTEADY.map((path) => join(ROOT, path));
  work("slim", "find", [...unread, ...unsteady, "!", "-type", "d", "!", "-name", "copyright", "-delete"]);
  work("slim", "find", [...unread, "-mindepth", "1", "-type", "d", "-empty", "-delete"]);
}

/** An interrupted debootstrap leaves its /proc and /sys mounted. */
function removeRoot() {
  const mounts = existsSync("/proc/self/mounts") ? readFileSync("/proc/self/mounts", "utf8") : "";
  for (const point of mountsBelow(ROOT, mounts)) {
    work("umount", "umount", [point]);
  }
  rmSync(ROOT, { recursive: true, force: true });
}

/**
 * What is mounted below a folder, the inner first.
 *
 * @param {string} folder
 * @param {string} mounts as in /proc/self/mounts
 */
export function mountsBelow(folder, mounts) {
  return mounts
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((point) => point.startsWith(`${folder}/`))
    .reverse();
}
