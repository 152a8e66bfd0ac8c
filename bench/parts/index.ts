import type { Part } from "../harness/part";
import { deploy } from "./deploy";
import { images, imagesFromNothing } from "./images";
import { memory } from "./memory";
import { presto } from "./presto";
import { synth } from "./synth";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [deploy, memory, presto, images, imagesFromNothing, synth];
