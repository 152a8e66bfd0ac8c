import { baseImage } from "./base-image.mjs";
import { dockerEngine } from "./docker-engine.mjs";
import { dockerProvider } from "./docker-provider.mjs";
import { npmPackages } from "./npm-packages.mjs";
import { terraform } from "./terraform.mjs";

/** All that a deploy needs on this machine, in order. */
export const MACHINE_STEPS = [npmPackages, terraform, dockerEngine, dockerProvider, baseImage];
