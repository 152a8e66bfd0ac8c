import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { checkInteger, checkOptions, nearest, refuse, show } from "../platform/checks";
import {
  DROPLET_SIZES,
  DropletSize,
  IMAGES,
  MIN_DISK_GIB,
  REGIONS,
  SIZES_AS_OF,
  swapMiB,
  SYSTEM_MIB,
} from "../platform/droplet-sizes";
import { homePath } from "../platform/files";
import { readPublicKeys } from "../platform/ssh-host";

/** What an instructor may set for a droplet. */
export interface DropletOptions {
  /**
   * DigitalOcean's region.
   * @default "nyc3"
   */
  readonly region?: string;
  /**
   * DigitalOcean's size. It must hold the memory limits of all of the lab's services, and 512 MiB for the system.
   * @default "s-4vcpu-8gb": 8 GiB, which the lab's default limits (5.84 GiB, with Superset 6.59) fit into
   */
  readonly size?: string;
  /**
   * The image: debian-12-x64, or the number of an own snapshot made from it, such as the golden image that
   * `npm run class -- golden` makes. It counts for droplets that are made from now on.
   * @default "debian-12-x64"
   */
  readonly image?: string | number;
  /**
   * The operator's public key: who deploys logs in with its private half.
   * @default - the first there is of ~/.ssh/id_ed25519.pub, id_ecdsa.pub and id_rsa.pub
   */
  readonly operatorKeyFile?: string;
  /**
   * Files with the student's public keys.
   * @default - none: the operator alone gets in
   */
  readonly studentKeyFiles?: readonly string[];
  /**
   * Keys of the DigitalOcean account, by number or fingerprint. With none DigitalOcean mails a root password, which
   * the droplet accepts nowhere.
   * @default - none
   */
  readonly accountKeys?: readonly string[];
  /**
   * Addresses and networks (CIDR) that may reach the droplet's SSH.
   * @default - everybody: 0.0.0.0/0 and ::/0
   */
  readonly sshFrom?: readonly string[];
  /**
   * The class's name, for the tags.
   * @default "class"
   */
  readonly className?: string;
  /**
   * The day after which nobody should need the droplet (YYYY-MM-DD), for the tags.
   * @default - no such tag
   */
  readonly expires?: string;
  /**
   * DigitalOcean's monitoring agent.
   * @default true
   */
  readonly monitoring?: boolean;
  /**
   * DigitalOcean's weekly backups, for a fifth of the droplet's price.
   * @default false
   */
  readonly backups?: boolean;
  /**
   * Size of a volume for Docker's data and the student's folder, in GiB. It outlives a droplet that is made anew.
   * @default - no volume: data are on the droplet's own disk
   */
  readonly dataVolumeGiB?: number;
  /**
   * An address that stays when the droplet is made anew.
   * @default false
   */
  readonly reservedIp?: boolean;
  /**
   * The id of a VPC of the region.
   * @default - the region's default VPC
   */
  readonly vpcId?: string;
  /**
   * The id of a DigitalOcean project to show the droplet in.
   * @default - the account's default project
   */
  readonly projectId?: string;
  /**
   * Minutes until a droplet that does not become ready fails the deploy.
   * @default 15
   */
  readonly readyWithinMinutes?: number;
}

/** The region of a droplet where nobody names one. */
export const DEFAULT_REGION = "nyc3";

/** The size of a droplet where nobody names one. */
export const DEFAULT_SIZE = "s-4vcpu-8gb";

const DEFAULT_IMAGE = "debian-12-x64";

const OPTIONS = [
  "region",
  "size",
  "image",
  "operatorKeyFile",
  "studentKeyFiles",
  "accountKeys",
  "sshFrom",
  "className",
  "expires",
  "monitoring",
  "backups",
  "dataVolumeGiB",
  "reservedIp",
  "vpcId",
  "projectId",
  "readyWithinMinutes",
] as const satisfies readonly (keyof DropletOptions)[];

type Given = "operatorKeyFile" | "dataVolumeGiB" | "vpcId" | "projectId" | "expires";

/** The options with their defaults, and what was read from the key files. */
export interface CheckedDroplet extends Required<Omit<DropletOptions, Given>>, Pick<DropletOptions, Given> {
  readonly sizeOf: DropletSize;
  /** The operator's and the student's public keys, each once. */
  readonly publicKeys: readonly string[];
  /** The operator's private key's file, where it lies beside the public one. */
  readonly identityFile?: string;
}

/** A service's share of a lab's memory. */
export interface MemoryShare {
  readonly serviceName: string;
  readonly memoryMiB: number;
}

/** Memory of the droplet of these options, in MiB; undefined for a size that there is not, which the check refuses. */
export function hostMemoryMiB({ size = DEFAULT_SIZE }: DropletOptions): number | undefined {
  return DROPLET_SIZES[size]?.memoryMiB;
}

/** Checks a droplet's options for a lab of these services. @throws BadInputError */
export function checkDroplet(where: string, options: DropletOptions, services: readonly MemoryShare[]): CheckedDroplet {
  checkOptions(where, options, OPTIONS);
  const region = known(where, "region", options.region, DEFAULT_REGION, REGIONS);
  const size = known(where, "size", options.size, DEFAULT_SIZE, Object.keys(DROPLET_SIZES));
  const sizeOf = DROPLET_SIZES[size]!;
  const { image: chosenImage = DEFAULT_IMAGE } = options;
  const image = isSnapshot(chosenImage) ? chosenImage : known(where, "image", chosenImage, DEFAULT_IMAGE, IMAGES);
  const {
    sshFrom = ["0.0.0.0/0", "::/0"],
    className = "class",
    expires,
    dataVolumeGiB,
    readyWithinMinutes = 15,
  } = options;
  checkList(where, "sshFrom", sshFrom, isNetwork, "an address or network such as 203.0.113.0/24");
  checkList(
    where,
    "accountKeys",
    options.accountKeys ?? [],
    matches(/^(\d+|([0-9a-f]{2}:){15}[0-9a-f]{2})$/),
    "a key's number or MD5 fingerprint",
  );
  checkText(where, "className", className, matches(/^[A-Za-z0-9_-]{1,100}$/), "letters, digits, - and _");
  checkText(where, "expires", expires, isDay, "a day such as 2026-12-20");
  checkText(where, "vpcId", options.vpcId, matches(UUID), "a UUID");
  checkText(where, "projectId", options.projectId, matches(UUID), "a UUID");
  for (const name of ["monitoring", "backups", "reservedIp"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "boolean") {
      refuse(where, `${name} is ${show(options[name])}; allowed is true or false.`, [name]);
    }
  }
  if (dataVolumeGiB !== undefined) {
    checkInteger(where, "dataVolumeGiB", dataVolumeGiB, MIN_DISK_GIB, 16_384);
  }
  checkInteger(where, "readyWithinMinutes", readyWithinMinutes, 1, 120);
  checkFits(where, size, services, dataVolumeGiB);
  return {
    region,
    size,
    sizeOf,
    image,
    sshFrom,
    className,
    expires,
    dataVolumeGiB,
    readyWithinMinutes,
    studentKeyFiles: options.studentKeyFiles ?? [],
    accountKeys: options.accountKeys ?? [],
    monitoring: options.monitoring ?? true,
    backups: options.backups ?? false,
    reservedIp: options.reservedIp ?? false,
    vpcId: options.vpcId,
    projectId: options.projectId,
    ...keys(where, options),
  };
}

/** Whether an image is a snapshot of the account, rather than one of DigitalOcean's own. */
export function isSnapshot(image: string | number): boolean {
  return /^\d+$/.test(String(image));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One of the values that there are. What is refused is gone on with as if it were not given. */
function known(where: string, name: string, value: unknown, preset: string, allowed: readonly string[]): string {
  if (value === undefined) {
    return preset;
  }
  if (typeof value === "string" && allowed.includes(value)) {
    return value;
  }
  const near = typeof value === "string" ? nearest(value, allowed) : undefined;
  const hint = near ? ` Did you mean "${near}"?` : "";
  refuse(where, `${name} is ${show(value)}.${hint} Allowed (as of ${SIZES_AS_OF}): ${allowed.join(", ")}.`, [name]);
  return preset;
}

type TextCheck = (text: string) => boolean;

function matches(pattern: RegExp): TextCheck {
  return (text) => pattern.test(text);
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const bits = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    bits > 0 && more.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}

function checkText(where: string, name: string, value: unknown, good: TextCheck, allowed: string): void {
  if (value !== undefined && (typeof value !== "string" || !good(value))) {
    refuse(where, `${name} is ${show(value)}; allowed is ${allowed}.`, [name]);
  }
}

function checkList(where: string, name: string, value: unknown, good: TextCheck, allowed: string): void {
  if (!Array.isArray(value)) {
    refuse(where, `${name} is ${show(value)}; allowed is a list.`, [name]);
    return;
  }
  value.forEach((one: unknown) => checkText(where, name, one ?? null, good, `a list, each ${allowed}`));
}

/** Refuses a size that the lab's own limits do not fit into. */
function checkFits(where: string, size: string, services: readonly MemoryShare[], volumeGiB = 0): void {
  const needed = SYSTEM_MIB + services.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  const fits = (candidate: DropletSize): boolean =>
    candidate.memoryMiB + swapMiB(candidate) >= needed && Math.max(candidate.diskGiB, volumeGiB) >= MIN_DISK_GIB;
  const { memoryMiB, diskGiB } = DROPLET_SIZES[size]!;
  if (!fits(DROPLET_SIZES[size]!)) {
    const shares = services.map((service) => `${service.serviceName} ${service.memoryMiB}`).join(", ");
    const cheapest = Object.entries(DROPLET_SIZES)
      .filter(([, candidate]) => fits(candidate))
      .sort(([, a], [, b]) => a.dollarsAMonth - b.dollarsAMonth)[0];
    refuse(
      where,
      `size is "${size}" with ${memoryMiB} MiB of memory, ${swapMiB(DROPLET_SIZES[size]!)} MiB of swap and ${diskGiB} GiB ` +
        `of disk, but the lab needs ${needed} MiB (${shares}, the system ${SYSTEM_MIB}) and ${MIN_DISK_GIB} GiB of disk. ` +
        `${cheapest ? `The cheapest size it fits into is "${cheapest[0]}"; or` : "No size holds it:"} lower memoryMiB of its services.`,
      ["size"],
    );
  }
}

function keys(
  where: string,
  options: DropletOptions,
): Pick<CheckedDroplet, "publicKeys" | "identityFile" | "operatorKeyFile"> {
  const candidates = ["id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"].map((name) => join(homedir(), ".ssh", name));
  const operatorKeyFile = options.operatorKeyFile ? homePath(options.operatorKeyFile) : candidates.find(existsSync);
  if (!operatorKeyFile) {
    refuse(
      where,
      `there is no SSH key to log in with: none of ${candidates.join(", ")} is there. ` +
        `Make one (ssh-keygen -t ed25519), or name the public key's file in operatorKeyFile.`,
      ["operatorKeyFile"],
    );
    return { publicKeys: [] };
  }
  checkList(where, "studentKeyFiles", options.studentKeyFiles ?? [], matches(/./), "a public key's file");
  const privateFile = operatorKeyFile.replace(/\.pub$/, "");
  return {
    operatorKeyFile,
    publicKeys: [
      ...new Set([
        ...readPublicKeys(where, operatorKeyFile, "operatorKeyFile"),
        ...(options.studentKeyFiles ?? []).flatMap((file) => readPublicKeys(where, homePath(file), "studentKeyFiles")),
      ]),
    ],
    identityFile: privateFile !== operatorKeyFile && existsSync(privateFile) ? privateFile : undefined,
  };
}
