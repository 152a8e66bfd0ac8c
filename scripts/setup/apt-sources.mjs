import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Source
 * @property {string} uri
 * @property {readonly string[]} suites
 * @property {readonly string[]} components
 */

/** This machine's mirrors of Debian, where it is a Debian. */
export function machineMirrors() {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (!codename || !/^ID=debian$/m.test(release)) {
    return {};
  }
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(folder).map((file) => join(folder, file))];
  const texts = files.filter((name) => existsSync(name)).map((name) => ({ name, text: readFileSync(name, "utf8") }));
  return debianMirrors(texts, codename);
}

/**
 * Debian's mirrors as a Debian machine's own apt sources name them.
 *
 * @param {readonly { name: string, text: string }[]} files of /etc/apt
 * @param {string} codename of the machine's release; its mirrors have the other releases too
 * @returns {{ main?: string, security?: string }}
 */
export function debianMirrors(files, codename) {
  const sources = files.flatMap(({ name, text }) => (name.endsWith(".sources") ? deb822(text) : oneLine(text)));
  /** @param {string} suite */
  const mirror = (suite) =>
    sources.find(
      ({ uri, suites, components }) => /^https?:/.test(uri) && suites.includes(suite) && components.includes("main"),
    )?.uri;
  return { main: mirror(codename), security: mirror(`${codename}-security`) };
}

/**
 * The sources of an image of `suite`, updates and security fixes among them.
 *
 * @param {string} suite
 * @param {string} main
 * @param {string} [security] by default beside the main mirror, as Debian's own mirrors have it
 */
export function aptSources(suite, main, security = main.replace(/\/debian\/?$/, "/debian-security")) {
  const fixes = security === main ? "" : `deb ${security} ${suite}-security main\n`;
  return `deb ${main} ${suite} main\ndeb ${main} ${suite}-updates main\n${fixes}`;
}

/**
 * @param {string} text
 * @returns {Source[]}
 */
function oneLine(text) {
  return [...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/gm)].map(
    ([, uri = "", suite = "", rest = ""]) => ({
      uri,
      suites: [suite],
      components: words(rest),
    }),
  );
}

/**
 * @param {string} text
 * @returns {Source[]}
 */
function deb822(text) {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    /** @param {string} field */
    const field = (field) => words(new RegExp(`^${field}:(.*(?:\n[ \t].*)*)`, "im").exec(stanza)?.[1] ?? "");
    if (!field("Types").includes("deb") || field("Enabled").includes("no")) {
      return [];
    }
    return field("URIs").map((uri) => ({ uri, suites: field("Suites"), components: field("Components") }));
  });
}

/** @param {string} text */
function words(text) {
  return text.replace(/#.*/g, "").split(/\s+/).filter(Boolean);
}
