import { App } from "cdktf";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { localHost } from "../../platform/host";
import { REPOSITORY } from "../../platform/repository";
import { baseImage } from "../../roster/machine";
import { LabStack } from "../../stacks/lab-stack";
import { provideProviders } from "../../stacks/stack-folder";
import { quote, run } from "../../test/e2e/support/shell";
import { SCRATCH } from "./labs";

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
    private readonly stack: string,
    private readonly images: readonly ImageResource[],
  ) {}

  /**
   * Those that the deploy of a new lab would build on a host that has none of them.
   *
   * @param out the folder that gets their stack
   */
  static synthesized(out = join(SCRATCH, "images-out")): LabImages {
    mkdirSync(out, { recursive: true });
    const app = new App({ outdir: out, skipValidation: true });
    const { node } = new LabStack(app, "images", { host: localHost(), baseImage: baseImage() });
    app.synth();
    const stack = join(out, "stacks", node.id);
    const file = join(stack, "cdk.tf.json");
    const { terraform, provider, resource } = JSON.parse(readFileSync(file, "utf8")) as {
      terraform: { required_providers: object };
      provider: object;
      resource: { docker_image: Record<string, ImageResource> };
    };
    const { required_providers } = terraform;
    const { docker_image } = resource;
    writeFileSync(file, JSON.stringify({ terraform: { required_providers }, provider, resource: { docker_image } }));
    provideProviders(out, node.id);
    const all = Object.values(docker_image);
    // A base has no base; what is a base of others comes before them.
    const depth = (image: ImageResource): number =>
      1 + Math.max(0, ...all.filter(({ name }) => Object.values(image.build.build_args).includes(name)).map(depth));
    return new LabImages(
      stack,
      all.sort((a, b) => depth(a) - depth(b)),
    );
  }

  /** The names of their folders of images/. */
  get names(): string[] {
    return this.images.map(folderName);
  }

  /** Gets Terraform ready to build them. */
  async init(): Promise<void> {
    await run("terraform init -input=false", { cwd: this.stack });
  }

  /** Has Terraform build them as a deploy does, with Docker's cache: a build by docker's command has another one. */
  async build(): Promise<void> {
    rmSync(join(this.stack, "terraform.tfstate"), { force: true });
    await run("terraform apply -auto-approve -input=false", { cwd: this.stack, timeoutSeconds: 3600 });
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
