import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApiGate } from "../../platform/api-gate";
import type { TerraformVerb } from "../../platform/terraform-run";
import type { LabEntry } from "../../roster/class-file";
import { newLog, runLab } from "../../stacks/run-lab";
import { SynthesizedLab, synthesize } from "../../stacks/synthesize";
import { stepOf } from "../../stacks/terraform-progress";
import { LabOutcome, LockedLab, withLabs } from "./labs";
import { defaultParallel } from "./parallel";

/** What Terraform is to do with labs. */
export interface TerraformLabs {
  readonly command: "up" | "down";
  readonly entries: readonly LabEntry[];
  /**
   * At most so many at once.
   * @default - see defaultParallel
   */
  readonly parallel?: number;
  /**
   * Done with each lab before Terraform is.
   * @default - nothing
   */
  readonly before?: (lab: LockedLab) => Promise<void>;
}

/** Runs Terraform on labs: one synth for all of them, then each for itself. */
export async function terraformLabs({ command, entries, ...options }: TerraformLabs): Promise<LabOutcome[]> {
  const verb: TerraformVerb = command === "up" ? "apply" : "destroy";
  const stacks = new Map<string, SynthesizedLab>();
  const gate = entries.some(({ target }) => target?.kind === "digitalocean") ? await ApiGate.open() : undefined;
  const builder = new ImageBuilder(entries.filter(({ target }) => !target).map(({ id }) => id));
  const work = {
    purpose: `npm run class -- ${command}`,
    parallel: options.parallel ?? defaultParallel(entries),
    prepare: async (ids: readonly string[]): Promise<void> => {
      const wanted = entries.filter(({ id }) => ids.includes(id));
      (await synthesize(wanted, { manifest: false })).forEach((lab) => stacks.set(lab.id, lab));
      if (verb === "apply") {
        builder.choose(ids, stacks);
      }
    },
    each: async (locked: LockedLab): Promise<void> => {
      const { id, lock, signal, say, useLog } = locked;
      await options.before?.(locked);
      await builder.waitFor(id, say);
      const log = newLog(id, command);
      useLog(log);
      const onLine = (line: string): void => {
        const step = stepOf(line);
        if (step) {
          say(step);
        }
      };
      await runLab(stacks.get(id)!, verb, { lock, log, signal, onLine, env: gate?.environment }).finally(() =>
        builder.ended(id),
      );
    },
  };
  return withLabs(
    entries.map(({ id }) => id),
    work,
  ).finally(() => gate?.close());
}

interface Stack {
  readonly resource: { readonly docker_image?: Readonly<Record<string, { readonly build?: object }>> };
}

/** On a machine without the images, the first lab builds them: several at once would each build all. */
class ImageBuilder {
  private lab?: string;
  private readonly done: Promise<void>;
  private end!: () => void;

  constructor(private readonly local: readonly string[]) {
    this.done = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  /** Chooses the lab that builds, if there is something to build. */
  choose(locked: readonly string[], stacks: ReadonlyMap<string, SynthesizedLab>): void {
    const lab = this.local.find((id) => locked.includes(id));
    if (lab !== undefined) {
      const text = readFileSync(join(stacks.get(lab)!.stacks.at(-1)!, "cdk.tf.json"), "utf8");
      const images = Object.values((JSON.parse(text) as Stack).resource.docker_image ?? {});
      this.lab = images.some(({ build }) => build) ? lab : undefined;
    }
  }

  async waitFor(lab: string, say: (step: string) => void): Promise<void> {
    if (this.lab !== undefined && this.lab !== lab && this.local.includes(lab)) {
      say(`waits for the images, which the lab ${this.lab} builds`);
      await this.done;
    }
  }

  ended(lab: string): void {
    if (lab === this.lab) {
      this.end();
    }
  }
}
