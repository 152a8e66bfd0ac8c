import type { Part } from "../harness/part";
import { synth } from "./synth";

/** All parts, in the order in which they run. */
export const PARTS: readonly Part[] = [synth];
