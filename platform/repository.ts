import { resolve } from "node:path";

/** The repository's root. */
export const REPOSITORY = resolve(__dirname, "..");
