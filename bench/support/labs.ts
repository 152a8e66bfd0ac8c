import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../../platform/lab-files";
import { REPOSITORY } from "../../platform/repository";
import type { ServicesOptions } from "../../stacks/lab-stack";

/** Files of the bench's own; git does not know the folder. */
export const SCRATCH = join(REPOSITORY, ".lab", "bench");

/** A lab of the bench: its id and what is set for its services. */
export interface BenchLab {
  readonly id: string;
  readonly services: ServicesOptions;
}

/** Writes a class file with these labs; its path goes into the environment's CLASS_FILE. */
export function writeClass(name: string, labs: readonly BenchLab[]): string {
  mkdirSync(SCRATCH, { recursive: true });
  const file = join(SCRATCH, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ students: labs }));
  return file;
}

/** A lab with this id on host ports of its own. */
export function benchLab(id: string, firstPort: number, services: ServicesOptions = {}): BenchLab {
  return {
    id,
    services: {
      ...services,
      mids: { gameApiPort: firstPort, ...services.mids },
      spark: { jupyterPort: firstPort + 1, ...services.spark },
      home: { webPort: firstPort + 2, ...services.home },
    },
  };
}

/** Takes away what a synth wrote for these labs. Not for a lab that is up: its state goes too. */
export function forgetLabs(labs: readonly BenchLab[]): void {
  labs.forEach(({ id }) => rmSync(labFolder(id), { recursive: true, force: true }));
}
