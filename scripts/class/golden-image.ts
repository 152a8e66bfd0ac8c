/** The work of `npm run class -- golden`: a builder droplet that becomes the image of a class's droplets. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { BadInputError } from "../../platform/checks";
import { DROPLET_SIZES } from "../../platform/droplet-sizes";
import { writeIfChanged } from "../../platform/files";
import { Asking, dropletStatus, GoldenImage, switchOff, takeSnapshot } from "../../platform/golden-images";
import { labFolder } from "../../platform/lab-files";
import { REPOSITORY } from "../../platform/repository";
import { atHostOf, docker, lastWords, StepFailed } from "../../platform/steps/docker";
import type { TerraformVerb } from "../../platform/terraform-run";
import type { LabClass, LabEntry } from "../../roster/class-file";
import type { DropletTarget } from "../../roster/target";
import { DEFAULT_SIZE } from "../../stacks/droplet-options";
import { readState } from "../../stacks/lab-state";
import type { SynthesizedLab } from "../../stacks/synthesize";
import { noteWhatThereIs } from "./leftovers";

/** The lab of the builder. */
export const BUILDER = "golden";

/** A lab on a droplet. */
export type DropletEntry = LabEntry & { readonly target: DropletTarget };

/**
 * The builder's lab: that of the student with the smallest disk, since no droplet's disk may be smaller than the one
 * that an image was made of.
 *
 * @throws BadInputError where nobody in the class has a droplet
 */
export function builderOf({ labs, file }: LabClass): DropletEntry {
  const where = file ?? "the class";
  if (labs.some(({ id }) => id === BUILDER)) {
    throw new BadInputError(where, `a student has the id "${BUILDER}", which is the builder's: give another id.`);
  }
  const disk = ({ target }: DropletEntry): number => DROPLET_SIZES[target.options.size ?? DEFAULT_SIZE]?.diskGiB ?? 0;
  const onDroplets = labs.filter((lab): lab is DropletEntry => lab.target?.kind === "digitalocean");
  if (onDroplets.length > 0 && onDroplets.every(({ target }) => target.options.dataVolumeGiB !== undefined)) {
    throw new BadInputError(
      where,
      "every droplet keeps Docker's images on a volume (dataVolumeGiB), which a golden image does not hold: nothing would be gained.",
    );
  }
  const [first, ...others] = onDroplets.sort((a, b) => disk(a) - disk(b));
  if (!first) {
    throw new BadInputError(where, "nobody has a droplet: a golden image is for the target digitalocean.");
  }
  const region = first.target.options.region;
  const elsewhere = others.find(({ target }) => target.options.region !== region);
  if (elsewhere) {
    console.error(`The image will be in the region of ${first.id}; for ${elsewhere.id} it must be carried to another.`);
  }
  const { services, state, target } = first;
  const { size, operatorKeyFile, accountKeys, sshFrom, className, vpcId, projectId, readyWithinMinutes } =
    target.options;
  const given = {
    region,
    size,
    operatorKeyFile,
    accountKeys,
    sshFrom,
    className,
    vpcId,
    projectId,
    readyWithinMinutes,
  };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { id: BUILDER, services, state, target: { kind: "digitalocean", options } };
}

/** What makes a golden image. */
export interface MakeGolden extends Asking {
  readonly builder: DropletEntry;
  readonly lab: SynthesizedLab;
  /** Runs Terraform on stacks of the builder, in the order given. */
  readonly terraform: (verb: TerraformVerb, stacks: readonly string[]) => Promise<void>;
  /** Takes from the builder what is secret or its own; nobody gets in after it. */
  readonly clear: () => Promise<void>;
}

/** How far a builder has come, once its lab was up. */
interface BuilderRecord {
  readonly droplet: string;
  readonly step: "clearing" | "cleared";
}

/**
 * Makes a golden image, and takes its builder away. After a failure or an interruption it goes on where it stopped.
 *
 * @throws StepFailed, TerraformFailed, TerraformInterrupted
 */
export async function makeGolden(work: MakeGolden): Promise<GoldenImage> {
  const { builder, lab, terraform, say } = work;
  const [dropletStack, labStack] = lab.stacks as [string, string];
  let droplet = await builderDroplet(builder);
  let step = stepOf(droplet);
  if (step === "clearing") {
    // Nobody may be able to log in any more, and nobody knows what is cleared.
    say("the clearing of an earlier run broke off: the builder is made anew");
    await noteWhatThereIs(builder);
    await terraform("destroy", [dropletStack]);
    step = undefined;
  }
  if (step === undefined) {
    await terraform("apply", lab.stacks);
    droplet = await builderDroplet(builder);
    say("takes the lab away, its images stay");
    await terraform("destroy", [labStack]);
    note(builder.id, { droplet: droplet!, step: "clearing" });
    say("clears the machine of what is secret or its own");
    await work.clear();
    note(builder.id, { droplet: droplet!, step: "cleared" });
  }
  await switchOff(droplet!, work);
  const image = await takeSnapshot(droplet!, builder.target.options.className ?? "class", work);
  say("destroys the builder");
  await noteWhatThereIs(builder);
  await terraform("destroy", [dropletStack]);
  rmSync(recordFile(builder.id), { force: true });
  return image;

  function stepOf(id: string | undefined): BuilderRecord["step"] | undefined {
    const record = existsSync(recordFile(builder.id))
      ? (JSON.parse(readFileSync(recordFile(builder.id), "utf8")) as BuilderRecord)
      : undefined;
    return id !== undefined && record?.droplet === id ? record.step : undefined;
  }

  async function builderDroplet(entry: LabEntry): Promise<string | undefined> {
    const id = await dropletInState(entry);
    return id !== undefined && (await dropletStatus(id, work)) !== undefined ? id : undefined;
  }
}

function recordFile(builder: string): string {
  return join(labFolder(builder), "builder.json");
}

function note(builder: string, record: BuilderRecord): void {
  writeIfChanged(recordFile(builder), JSON.stringify(record));
}

interface State {
  readonly resources?: readonly {
    readonly type: string;
    readonly instances: readonly { readonly attributes: { readonly id?: string } }[];
  }[];
}

async function dropletInState(entry: LabEntry): Promise<string | undefined> {
  const text = await readState(entry, "droplet.tfstate");
  const { resources = [] } = text ? (JSON.parse(text) as State) : {};
  return resources.find(({ type }) => type === "digitalocean_droplet")?.instances[0]?.attributes.id;
}

/**
 * Takes from the builder what is secret or its own. The user `science` may use Docker, and by it the whole disk: that is root,
 * without sudo.
 *
 * @throws StepFailed
 */
export async function clearMachine(builder: string): Promise<void> {
  const script = readFileSync(join(REPOSITORY, "platform/steps/clear-machine.sh"), "utf8");
  const { exitCode, output } = await atHostOf(builder, async () => {
    const images = await docker(["image", "ls", "--filter", "reference=fullstack-lab/base", "--format", "{{.ID}}"]);
    const [image] = images.output.split("\n");
    if (images.exitCode !== 0 || !image) {
      throw new StepFailed(`the builder has not the lab's base image:\n${lastWords(images.output, 5)}`);
    }
    const words = ["run", "--rm", "-i", "--user", "0", "--network", "none", "--log-driver", "none"];
    return docker([...words, "-v", "/:/host", "--entrypoint", "chroot", image, "/host", "sh", "-s"], {
      input: Readable.from(script),
    });
  });
  if (exitCode !== 0 || !output.includes("the machine is cleared")) {
    throw new StepFailed(`the builder could not be cleared:\n${lastWords(output, 20)}`);
  }
}
