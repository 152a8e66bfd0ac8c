import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./refusal.mjs";

/** Where Debian keeps the certificates that a machine's owner trusts beside Debian's own. */
const LOCAL_CERTIFICATES = "/usr/local/share/ca-certificates";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates that this machine trusts beside the usual ones: a network that reads TLS has one. Images are built
 * through that network, so that they must trust it too. From the bundle that EXTRA_CA_BUNDLE names (empty: none), else
 * from where Debian keeps them.
 *
 * @param {string | undefined} [bundle]
 * @param {string} [folder]
 * @returns {string[]} each in PEM, in an order that is always the same
 */
export function extraCertificates(bundle = process.env.EXTRA_CA_BUNDLE, folder = LOCAL_CERTIFICATES) {
  if (bundle) {
    if (!existsSync(bundle)) {
      throw new Refusal(`EXTRA_CA_BUNDLE names ${bundle}, but there is no such file.`);
    }
    const certificates = splitBundle(readFileSync(bundle, "utf8"));
    if (certificates.length === 0) {
      throw new Refusal(`EXTRA_CA_BUNDLE names ${bundle}, but there is no certificate in PEM in it.`);
    }
    return certificates;
  }
  if (bundle === "" || !existsSync(folder)) {
    return [];
  }
  const files = /** @type {string[]} */ (readdirSync(folder, { recursive: true })).filter((file) =>
    file.endsWith(".crt"),
  );
  return splitBundle(files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n"));
}

/**
 * The single certificates of a bundle, each once. update-ca-certificates wants them so.
 *
 * @param {string} text
 */
export function splitBundle(text) {
  const found = text.replaceAll("\r", "").match(CERTIFICATE) ?? [];
  return [...new Set(found)].sort().map((certificate) => `${certificate}\n`);
}

/**
 * A few digits that change with the certificates; empty for none.
 *
 * @param {readonly string[]} certificates
 */
export function certificatesHash(certificates) {
  return certificates.length === 0 ? "" : createHash("sha256").update(certificates.join("")).digest("hex").slice(0, 12);
}

/**
 * Writes certificates as update-ca-certificates wants them: one a file.
 *
 * @param {string} folder
 * @param {readonly string[]} certificates
 */
export function writeCertificates(folder, certificates) {
  mkdirSync(folder, { recursive: true });
  for (const [index, certificate] of certificates.entries()) {
    writeFileSync(join(folder, `extra-${index + 1}.crt`), certificate);
  }
}
