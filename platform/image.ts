import { Image } from "@cdktf/provider-docker/lib/image";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BadInputError, show } from "./checks";
import { filesIn, hashFolder } from "./files";
import { Lab } from "./lab";
import { REPOSITORY } from "./repository";

/** What a service takes its container from. */
export interface LabImage {
  /** The image's name with its tag or digest. */
  readonly name: string;
  /** What must be there before the image can be used. */
  readonly resource?: ITerraformDependable;
  /** How docker-compose builds it without Terraform. */
  readonly build?: ImageBuild;
}

/** A build of one folder of `images/`. */
export interface ImageBuild {
  /** The folder, below the repository's root. */
  readonly folder: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** Settings for the images of a lab. */
export interface ImagesProps {
  /**
   * The image that all stand on: Debian 12.
   * @default - the official slim Debian image by its digest (see images/base/Dockerfile)
   */
  readonly baseImage?: string;
}

/**
 * The lab's images. Each is built from its folder of `images/` by the lab's own deploy, and tagged with a hash of all
 * that goes into it: an edit to a Dockerfile or a config file is a new image and rolls out with the next deploy, and
 * labs that share a daemon share what is the same.
 */
export class Images extends Construct {
  private readonly base: LabImage;
  private readonly maven: LabImage;
  private readonly built = new Map<string, LabImage>();

  constructor(scope: Construct, id: string, props: ImagesProps = {}) {
    super(scope, id);
    this.base = this.build("base", props.baseImage ? { BASE_IMAGE: props.baseImage } : {}, []);
    this.maven = this.build("maven", { BASE: this.base.name }, [this.base]);
  }

  /**
   * The image of a service, built from `images/<service>`.
   *
   * @throws BadInputError when there is no such folder
   */
  of(service: string): LabImage {
    const known = this.built.get(service);
    if (known) {
      return known;
    }
    const args: Record<string, string> = { BASE: this.base.name };
    const parents = [this.base];
    if (dockerfile(this, service).includes("ARG MAVEN")) {
      args.MAVEN = this.maven.name;
      parents.push(this.maven);
    }
    return this.build(service, args, parents);
  }

  private build(name: string, buildArgs: Readonly<Record<string, string>>, parents: readonly LabImage[]): LabImage {
    dockerfile(this, name);
    const folder = `images/${name}`;
    const tag = `fullstack-lab/${name}:${contentHash(join(REPOSITORY, folder), buildArgs)}`;
    const resource = new Image(this, name, {
      name: tag,
      // Labs share the daemon, and the next deploy wants the cache.
      keepLocally: true,
      dependsOn: parents.flatMap((parent) => parent.resource ?? []),
      buildAttribute: { context: Lab.of(this).terraformPath(folder), buildArgs },
    });
    // Without it the provider builds on this machine's daemon even when its host is another.
    resource.addOverride("build.use_legacy_builder", true);
    const image: LabImage = { name: tag, resource, build: { folder, buildArgs } };
    this.built.set(name, image);
    return image;
  }
}

function dockerfile(construct: Construct, name: string): string {
  const file = join(REPOSITORY, "images", name, "Dockerfile");
  if (!existsSync(file)) {
    throw new BadInputError(construct.node.path, `there is no image "${name}": images/${name}/Dockerfile is missing.`);
  }
  return readFileSync(file, "utf8");
}

const hashes = new Map<string, string>();

/** Twelve hexadecimal digits over a folder's files (path, execute bit, content) and the build's arguments. */
export function contentHash(folder: string, buildArgs: Readonly<Record<string, string>>): string {
  const key = JSON.stringify([folder, buildArgs]);
  const known = hashes.get(key);
  if (known) {
    return known;
  }
  const hash = hashFolder(folder, createHash("sha256").update(JSON.stringify(buildArgs)));
  const digits = hash.digest("hex").slice(0, 12);
  hashes.set(key, digits);
  return digits;
}

const versions = new Map<string, string>();

/**
 * The version of one of a service's packages, as a lock file in `images/<service>` pins it.
 *
 * @param name `group:artifact` in a Maven lock, or a package in a requirements file
 * @throws BadInputError when no lock names it
 */
export function lockedVersion(service: string, name: string): string {
  const key = `${service} ${name}`;
  const known = versions.get(key);
  if (known) {
    return known;
  }
  const folder = join(REPOSITORY, "images", service);
  const maven = new RegExp(`^[0-9a-f]{64}\\s+${escape(name)}:([^:\\s]+)`, "m");
  const python = new RegExp(`^${escape(name)}==([^\\s\\\\;]+)`, "m");
  for (const file of filesIn(folder)) {
    const pattern = file.endsWith(".lock") ? maven : file.endsWith(".txt") ? python : undefined;
    const version = pattern?.exec(readFileSync(join(folder, file), "utf8"))?.[1];
    if (version) {
      versions.set(key, version);
      return version;
    }
  }
  throw new BadInputError(`images/${service}`, `no lock file names "${name}".`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The image of a service: built by the lab, or the one that the service's options name. */
export function serviceImage(scope: Construct, service: string, image: string | undefined): LabImage {
  if (image === undefined) {
    return Lab.of(scope).images.of(service);
  }
  if (!/^[^\s@]+@sha256:[0-9a-f]{64}$/.test(image)) {
    throw new BadInputError(
      `${scope.node.path}/${service}`,
      `image is ${show(image)}; allowed is a name with its digest: name@sha256:<64 hexadecimal digits>.`,
    );
  }
  return { name: image, resource: new Image(scope, `${service}-image`, { name: image, keepLocally: true }) };
}
