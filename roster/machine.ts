import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../platform/repository";

/** What the set-up found out about this machine is kept here; git does not know it. */
export const MACHINE_FOLDER = join(REPOSITORY, ".lab");

/** Names the base image that the set-up made, on a machine that reaches no image registry. */
export const BASE_IMAGE_FILE = join(MACHINE_FOLDER, "base-image");

/**
 * The image that all of the lab's images stand on: the environment's BASE_IMAGE, else the one that the set-up made.
 * Undefined where neither is: the official slim Debian image then, by its digest.
 */
export function baseImage(): string | undefined {
  if (process.env.BASE_IMAGE) {
    return process.env.BASE_IMAGE;
  }
  return existsSync(BASE_IMAGE_FILE) ? readFileSync(BASE_IMAGE_FILE, "utf8").trim() : undefined;
}
