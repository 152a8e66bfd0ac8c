import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROOF_MARK } from "./cloud-init";

/** In a lab's folder, until the droplet's key is pinned. */
const FILE = "pin-secret";

/** The one-time secret for a lab's next droplet: made when there is none. */
export function pinSecret(folder: string): string {
  const file = join(folder, FILE);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  }
  return readFileSync(file, "utf8").trim();
}

/** It has done its work. */
export function spendPinSecret(folder: string): void {
  rmSync(join(folder, FILE), { force: true });
}

/** What the droplet shows of itself before anybody has logged in: its proof, if there is one. */
export function proofIn(banner: string): string | undefined {
  return new RegExp(`${PROOF_MARK} ([0-9a-f]{64})`).exec(banner)?.[1];
}

/** Whether a proof is of this key, by one who knows the secret. */
export function proves(secret: string, hostKey: string, proof: string): boolean {
  const expected = createHmac("sha256", Buffer.from(secret, "hex")).update(hostKey).digest();
  return timingSafeEqual(expected, Buffer.from(proof, "hex"));
}
