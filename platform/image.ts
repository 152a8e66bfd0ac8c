import { Image } from "@cdktf/provider-docker/lib/image";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BadInputError, refuse, show } from "./checks";
import { hashFolder } from "./files";
import { Lab } from "./lab";
import { oncePerApp } from "./once";
import { REPOSITORY } from "./repository";

/** What a service takes its container from. */
export interface LabImage {
  /** The image's name with its tag or digest. */
  readonly name: string;
  /** What must be there before the image can be used. */
  readonly resource?: ITerraformDependable;
  /** How docker-compose builds it without Terraform. */
  readonly build?: ImageBuild;
  /** The versions of what runs in it, by the names that people use. */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * What runs in a service's image: each program's name for people, and the package by which a lock file names its
 * version (`group:artifact` for Maven, a project of PyPI). The first is the one that the option `version` chooses.
 */
export type Software = Readonly<Record<string, string>>;

/** What a service's options say of its image. */
export interface ImageOptions {
  readonly image?: string;
  readonly version?: string;
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
  private readonly builds: Image[] = [];

  constructor(scope: Construct, id: string, props: ImagesProps = {}) {
    super(scope, id);
    this.base = this.build("base", props.baseImage ? { BASE_IMAGE: props.baseImage } : {}, []);
    this.maven = this.build("maven", { BASE: this.base.name }, [this.base]);
  }

  /**
   * The image of a service, built from `images/<service>`.
   *
   * @param version one of `imageVersions`
   * @throws BadInputError when there is no such folder, or no such version
   */
  of(service: string, software: Software = {}, version?: string): LabImage {
    const text = dockerfile(this, service);
    const locks = locksOf(`${Lab.of(this).node.path}/${service}`, service, software, version);
    const known = this.built.get(`${service} ${locks}`);
    if (known) {
      return known;
    }
    const args: Record<string, string> = { BASE: this.base.name, ...(locks && { LOCKS: locks }) };
    const parents = [this.base];
    if (text.includes("ARG MAVEN")) {
      args.MAVEN = this.maven.name;
      parents.push(this.maven);
    }
    const versions = Object.entries(software).map(([name, pack]) => [name, lockedVersion(service, pack, locks)]);
    const image = {
      ...this.build(service, args, parents),
      versions: Object.fromEntries(versions) as Record<string, string>,
    };
    this.built.set(`${service} ${locks}`, image);
    return image;
  }

  /**
   * Takes images that are on the lab's host as they are: a build that finds all of its steps in the cache takes a quarter
   * of a second of a processor. They wait for no other image, so their containers are made sooner.
   *
   * @param names the host's images, by name and tag
   */
  take(names: readonly string[]): void {
    for (const image of this.builds.filter(({ nameInput }) => names.includes(nameInput!))) {
      image.dependsOn = undefined;
      image.resetBuildAttribute();
      image.addOverride("build", undefined);
    }
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
      // The name has all that goes into a build: whether the image was built here or there before is no change.
      lifecycle: { ignoreChanges: ["build"] },
    });
    this.builds.push(resource);
    // Without it the provider builds on this machine's daemon even when its host is another.
    resource.addOverride("build.use_legacy_builder", true);
    return { name: tag, resource, build: { folder, buildArgs }, versions: {} };
  }
}

function dockerfile(construct: Construct, name: string): string {
  return oncePerApp(construct, `Dockerfile of ${name}`, () => {
    const file = join(REPOSITORY, "images", name, "Dockerfile");
    if (!existsSync(file)) {
      throw new BadInputError(
        construct.node.path,
        `there is no image "${name}": images/${name}/Dockerfile is missing.`,
      );
    }
    return readFileSync(file, "utf8");
  });
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

/** Holds a folder of lock files for each version of a service beside the one that its image's own folder locks. */
const VERSIONS = "versions";

/** The versions that a service can be built in: the default one first. */
export function imageVersions(service: string, software: Software): string[] {
  const chosen = Object.values(software)[0];
  const folder = join(REPOSITORY, "images", service, VERSIONS);
  return chosen === undefined
    ? []
    : [lockedVersion(service, chosen), ...(existsSync(folder) ? readdirSync(folder).sort() : [])];
}

/** The folder with a version's lock files, below the image's; undefined is the image's own. @throws BadInputError */
function locksOf(where: string, service: string, software: Software, version: unknown): string | undefined {
  if (version === undefined) {
    return undefined;
  }
  const allowed = imageVersions(service, software);
  if (typeof version !== "string" || !allowed.includes(version)) {
    refuse(
      where,
      allowed.length === 0
        ? `version is ${show(version)}; images/${service} has one version alone, its base's.`
        : `version is ${show(version)}; allowed is ${allowed.map(show).join(" or ")}. ` +
            `Another one needs its lock files in images/${service}/${VERSIONS}/: see CONTRIBUTING.md.`,
    );
    return undefined;
  }
  return version === allowed[0] ? undefined : `${VERSIONS}/${version}`;
}

const versions = new Map<string, string>();

/**
 * The version of one of a service's packages, as a lock file in `images/<service>` pins it.
 *
 * @param name `group:artifact` in a Maven lock, or a package in a requirements file
 * @param locks a folder below the image's, whose lock files come before the image's own
 * @throws BadInputError when no lock names it
 */
export function lockedVersion(service: string, name: string, locks = "."): string {
  const key = `${service} ${locks} ${name}`;
  const known = versions.get(key);
  if (known) {
    return known;
  }
  const folder = join(REPOSITORY, "images", service);
  const maven = new RegExp(`^[0-9a-f]{64}\\s+${escape(name)}:([^:\\s]+)`, "m");
  const python = new RegExp(`^${escape(name)}==([^\\s\\\\;]+)`, "m");
  for (const file of [locks, "."].flatMap((place) => readdirSync(join(folder, place)).map((one) => join(place, one)))) {
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

/**
 * The image of a service: built by the lab, or the one that the service's options name.
 *
 * @throws BadInputError when the options name what can't be
 */
export function serviceImage(
  scope: Construct,
  service: string,
  { image, version }: ImageOptions,
  software: Software = {},
): LabImage {
  if (image === undefined) {
    return Lab.of(scope).images.of(service, software, version);
  }
  const where = `${scope.node.path}/${service}`;
  if (!/^[^\s@]+@sha256:[0-9a-f]{64}$/.test(image)) {
    refuse(where, `image is ${show(image)}; allowed is a name with its digest: name@sha256:<64 hexadecimal digits>.`);
  }
  if (version !== undefined) {
    refuse(where, `version is ${show(version)} beside image ${show(image)}; allowed is one of them.`);
  }
  return {
    name: image,
    resource: new Image(scope, `${service}-image`, { name: image, keepLocally: true }),
    versions: Object.fromEntries(Object.keys(software).map((name) => [name, image])),
  };
}
