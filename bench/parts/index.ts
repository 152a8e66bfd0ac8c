import type { Part } from "../harness/part";
import { canary } from "./canary";
import { deploy } from "./deploy";
import { gameApi } from "./game-api";
import { images, imagesFromNothing } from "./images";
import { jobs } from "./jobs";
import { memory } from "./memory";
import { presto } from "./presto";
import { synth } from "./synth";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [deploy, canary, memory, presto, jobs, gameApi, images, imagesFromNothing, synth];
