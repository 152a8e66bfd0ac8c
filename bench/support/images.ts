import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { REPOSITORY } from "../../platform/repository";
import { provideProviders } from "../../stacks/stack-folder";
import { quote, run } from "../../test/e2e/support/shell";
import { BenchLab, benchLab, forgetLabs, SCRATCH, writeClass } from "./labs";

/** One image as the synthesized stack has it. */
interface ImageResource {
  readonly name: string;
  readonly build: { readonly context: string; readonly build_args: Readonly<Record<string, string>> };
}

/** A layer of an image: the image that its build step made, and what the step added. */
export interface Layer {
  readonly id: string;
  readonly bytes: number;
}

/** Tags of images that are built to be timed only. */
const TIMED = "fullstack-lab-bench";

/** The images of a lab, in the order in which they stand on each other. */
export class LabImages {
  private constructor(
    private readonly lab: BenchLab,
    private readonly stack: string,
    private readonly images: readonly ImageResource[],
  ) {}

  /** Those that a lab's deploy would build now. */
  static async synthesized(id: string, firstPort: number): Promise<LabImages> {
    const lab = benchLab(id, firstPort);
    const out = join(SCRATCH, "images-out");
    const { app } = JSON.parse(readFileSync(join(REPOSITORY, "cdktf.json"), "utf8")) as { app: string };
    await run(app, { env: { CLASS_FILE: writeClass(id, [lab]), CDKTF_OUTDIR: out } });
    const stack = join(out, "stacks", id);
    const { terraform, provider, resource } = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8")) as {
      terraform: { required_providers: object };
      provider: object;
      resource: { docker_image: Record<string, ImageResource> };
    };
    const { docker_image } = resource;
    const alone = {
      terraform: { required_providers: terraform.required_providers },
      provider,
      resource: { docker_image },
    };
    const folder = `${stack}-images`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "cdk.tf.json"), JSON.stringify(alone));
    provideProviders(out, `${id}-images`);
    await run("terraform init -input=false", { cwd: folder });
    const all = Object.values(docker_image);
    // A base has no base; what is a base of others comes before them.
    const depth = (image: ImageResource): number =>
      1 + Math.max(0, ...all.filter(({ name }) => Object.values(image.build.build_args).includes(name)).map(depth));
    return new LabImages(
      lab,
      stack,
      all.sort((a, b) => depth(a) - depth(b)),
    );
  }

  /** Has Terraform build them as a deploy does, with Docker's cache: a build by docker's command has another one. */
  async build(): Promise<void> {
    const cwd = `${this.stack}-images`;
    rmSync(join(cwd, "terraform.tfstate"), { force: true });
    await run("terraform apply -auto-approve -input=false", { cwd, timeoutSeconds: 3600 });
  }

  /** Builds them without it, by names of their own, and takes them away. */
  async buildFromNothing(): Promise<void> {
    const timed = (name: string): string => name.replace(/^fullstack-lab\/(?!debian)/, `${TIMED}/`);
    for (const image of this.images) {
      const args = Object.entries(image.build.build_args).map(([key, value]) => [key, timed(value)]);
      await this.buildWithoutCache(image, timed(image.name), Object.fromEntries(args) as Record<string, string>);
    }
    await run(`docker image rm ${this.images.map(({ name }) => timed(name)).join(" ")}`);
  }

  /** The layers of each image of a folder of images/, those that it shares among them. */
  async layers(): Promise<Readonly<Record<string, readonly Layer[]>>> {
    const entries = this.images.map(async (image) => {
      const history = `docker history --no-trunc --human=false --format '{{.ID}} {{.Size}}' ${image.name}`;
      const lines = (await run(history)).output.trim().split("\n");
      return [folderName(image), layersOf(lines)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** Takes away what the synth wrote. */
  forget(): void {
    forgetLabs([this.lab]);
  }

  private async buildWithoutCache(
    image: ImageResource,
    tag: string,
    args: Readonly<Record<string, string>>,
  ): Promise<void> {
    const buildArgs = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    const words = [
      "docker",
      "build",
      "--quiet",
      "--no-cache",
      "--tag",
      tag,
      ...buildArgs,
      contextOf(this.stack, image),
    ];
    await run(words.map(quote).join(" "), { timeoutSeconds: 3600, env: { DOCKER_BUILDKIT: "0" } });
  }
}

function contextOf(stack: string, { build }: ImageResource): string {
  return relative(REPOSITORY, resolve(stack, build.context));
}

function folderName({ build }: ImageResource): string {
  return build.context.split("/").at(-1)!;
}

/**
 * Layers from the lines of `docker history`, newest first. Those of an image that came from elsewhere have no id: the
 * layers below tell them apart.
 */
export function layersOf(lines: readonly string[]): Layer[] {
  let below = "";
  return [...lines].reverse().map((line) => {
    const [id = "", bytes = "0"] = line.split(" ");
    below = id === "<missing>" ? `${below}/${bytes}` : id;
    return { id: below, bytes: Number(bytes) };
  });
}
