/** The stand-in's actions on droplets and the snapshots that they make, as DigitalOcean's API reference describes them. */
import type { Answer, Json, StandInDroplet, StandInOptions } from "./api";

/** Sizes of the stand-in: memory in GiB. Their disks are twenty times that, as DigitalOcean's shared ones are. */
export const SIZES: Readonly<Record<string, number>> = { "s-2vcpu-4gb": 4, "s-4vcpu-8gb": 8, "s-8vcpu-16gb": 16 };

/** The disk of a size, in GiB. */
export function diskOf(size: unknown): number {
  return (SIZES[String(size)] ?? 0) * 20;
}

interface Action extends Json {
  readonly id: number;
  status: "in-progress" | "completed" | "errored";
}

/** Actions on droplets: what is begun is over some time later. */
export class DropletActions {
  /** All that were begun, by their number. */
  readonly actions = new Map<number, Action>();
  /** Makes the next snapshots fail. */
  failing = 0;

  constructor(
    private readonly options: StandInOptions,
    private readonly snapshots: Map<string, Json>,
    private readonly nextId: () => number,
  ) {}

  /** Those of a droplet, the newest first. */
  of({ id }: StandInDroplet): Json[] {
    return [...this.actions.values()].filter(({ resource_id: of }) => of === id).reverse();
  }

  /** Begins an action. */
  begin(droplet: StandInDroplet, body: Json): Answer {
    const type = String(body.type);
    if (this.of(droplet).some(({ status }) => status === "in-progress")) {
      return [422, { id: "unprocessable_entity", message: "Droplet already has a pending event." }];
    }
    const action: Action = { id: this.nextId(), status: "in-progress", type, resource_id: droplet.id };
    this.actions.set(action.id, { ...action, resource_type: "droplet", started_at: new Date().toISOString() });
    const kept = this.actions.get(action.id)!;
    this.work(type, droplet, body).then(
      () => {
        kept.status = "completed";
      },
      (error: Error) => {
        kept.status = "errored";
        kept.error = error.stack;
      },
    );
    return [201, { action }];
  }

  private async work(type: string, droplet: StandInDroplet, body: Json): Promise<void> {
    switch (type) {
      case "shutdown":
      case "power_off":
        await this.options.switchOff?.(droplet.name);
        droplet.status = "off";
        break;
      case "power_on":
        droplet.status = "active";
        break;
      case "resize":
        Object.assign(droplet, { size: { slug: body.size }, size_slug: body.size });
        break;
      case "snapshot":
        await this.snapshot(droplet, String(body.name));
        break;
    }
  }

  private async snapshot(droplet: StandInDroplet, name: string): Promise<void> {
    if (this.failing-- > 0) {
      throw new Error("no snapshot today");
    }
    const id = String(this.nextId());
    await this.options.snapshot?.(droplet.name, id);
    this.snapshots.set(id, {
      id,
      name,
      created_at: new Date().toISOString(),
      regions: [(droplet.region as { slug: string }).slug],
      resource_id: String(droplet.id),
      resource_type: "droplet",
      min_disk_size: droplet.disk,
      size_gigabytes: 3.5,
      tags: [],
    });
  }

  /** A snapshot as the images' part of the API shows it. */
  image(id: string): Json | undefined {
    const found = this.snapshots.get(id);
    return found && { ...found, id: Number(id), type: "snapshot", slug: null, public: false, status: "available" };
  }

  /** Why a droplet can't be made of an image; undefined when it can. */
  refusal({ image, region, size }: Json): string | undefined {
    if (!/^\d+$/.test(String(image))) {
      return undefined;
    }
    const found = this.image(String(image));
    if (!found) {
      return "You specified an invalid image for Droplet creation.";
    }
    if (!(found.regions as string[]).includes(String(region))) {
      return "The image you specified is not available in the selected region.";
    }
    return diskOf(size) < Number(found.min_disk_size)
      ? "Size is not available: the image needs a larger disk."
      : undefined;
  }
}
