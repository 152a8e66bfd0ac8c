/** What DigitalOcean sells, as far as the lab cares. The lists age: an entry that is missing here is added here. */

/** A size of droplet. */
export interface DropletSize {
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly diskGiB: number;
  /** US dollars a month, before taxes; billed by the hour. */
  readonly dollarsAMonth: number;
}

/** The lists below are as known at this date; the deploy asks the API itself whether a size is sold. */
export const SIZES_AS_OF = "2025-11";

function size(memoryGiB: number, cpus: number, diskGiB: number, dollarsAMonth: number): DropletSize {
  return { memoryMiB: memoryGiB * 1024, cpus, diskGiB, dollarsAMonth };
}

/** Sizes by their slugs: shared CPUs, then premium ones, then dedicated ones. */
export const DROPLET_SIZES: Readonly<Record<string, DropletSize>> = {
  "s-1vcpu-512mb-10gb": size(0.5, 1, 10, 4),
  "s-1vcpu-1gb": size(1, 1, 25, 6),
  "s-1vcpu-2gb": size(2, 1, 50, 12),
  "s-2vcpu-2gb": size(2, 2, 60, 18),
  "s-2vcpu-4gb": size(4, 2, 80, 24),
  "s-4vcpu-8gb": size(8, 4, 160, 48),
  "s-8vcpu-16gb": size(16, 8, 320, 96),
  "s-2vcpu-4gb-amd": size(4, 2, 80, 28),
  "s-2vcpu-4gb-intel": size(4, 2, 80, 28),
  "s-2vcpu-8gb-amd": size(8, 2, 100, 42),
  "s-2vcpu-8gb-160gb-intel": size(8, 2, 160, 48),
  "s-4vcpu-8gb-amd": size(8, 4, 160, 56),
  "s-4vcpu-8gb-intel": size(8, 4, 160, 56),
  "s-4vcpu-16gb-amd": size(16, 4, 200, 84),
  "s-8vcpu-16gb-amd": size(16, 8, 320, 112),
  "s-8vcpu-16gb-intel": size(16, 8, 320, 112),
  "g-2vcpu-8gb": size(8, 2, 25, 63),
  "g-4vcpu-16gb": size(16, 4, 50, 126),
  "c-4": size(8, 4, 50, 84),
  "c-8": size(16, 8, 100, 168),
  "m-2vcpu-16gb": size(16, 2, 50, 84),
};

/** Regions by their slugs. */
export const REGIONS = [
  "ams3",
  "atl1",
  "blr1",
  "fra1",
  "lon1",
  "nyc1",
  "nyc2",
  "nyc3",
  "sfo2",
  "sfo3",
  "sgp1",
  "syd1",
  "tor1",
] as const;

/** Images that the boot document is written for: its packages come from Debian itself. */
export const IMAGES = ["debian-12-x64"] as const;

/** What the system, Docker and a student's shell need beside the lab's containers. */
export const SYSTEM_MIB = 512;

/** Images, containers' logs and a term's data. */
export const MIN_DISK_GIB = 25;

/** Sizes below this get a swap file. */
const SWAP_BELOW_MIB = 8 * 1024;

/** The swap file of a size, in MiB: 0 is none. */
export function swapMiB({ memoryMiB }: DropletSize): number {
  return memoryMiB < SWAP_BELOW_MIB ? 2048 : 0;
}
