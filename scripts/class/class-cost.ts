import { GoldenImage, goldenImages } from "../../platform/golden-images";
import { sshAlias } from "../../platform/ssh-host";
import { digitalOceanToken } from "../../platform/steps/account";
import type { LabEntry } from "../../roster/class-file";
import type { Budget } from "../../roster/definition";
import { DEFAULT_SIZE } from "../../stacks/droplet-options";
import { stateResources } from "../../stacks/lab-state";
import { classNames, labDroplets, ListedDroplet, onDroplet, strayStudent } from "./droplets";
import { paidEarlier } from "./paid-droplets";
import { BACKUPS, costOf, currentPrices, Price, Prices, SNAPSHOT_GIB, sum, VOLUME_GIB } from "./prices";

/** What a lab costs, in US dollars before taxes. */
export interface LabCost {
  readonly lab: string;
  /** The droplet's size; a lab without a droplet costs nothing here. */
  readonly size?: string;
  /** What is paid for, each with its price an hour. */
  readonly parts: Readonly<Record<string, number>>;
  readonly anHour: number;
  /** When its droplet was made, as ISO 8601; none is there yet without it. */
  readonly since?: string;
  /** When the lab ends, as ISO 8601. */
  readonly expires?: string;
  /** With those of its droplets that are gone. */
  readonly soFar: number;
  /** The part of that which droplets have cost that are gone. */
  readonly earlier: number;
  /** From its beginning (now, where it has none) until it ends, and what it has cost before; unknown without an end. */
  readonly untilExpiry?: number;
}

/** What a golden image costs: it is billed until it is deleted. */
export interface GoldenCost extends Pick<GoldenImage, "id" | "name" | "since"> {
  readonly anHour: number;
  readonly soFar: number;
  /** Until the last lab ends; unknown where one has no end. */
  readonly untilExpiry?: number;
}

/** What a droplet of the class costs that no student in its file has. Nobody ends it. */
export interface StrayCost {
  /** Whose it was. */
  readonly lab: string;
  readonly size: string;
  readonly since: string;
  readonly anHour: number;
  readonly soFar: number;
  readonly untilExpiry?: undefined;
}

/** What a class costs, in US dollars before taxes. */
export interface ClassCost {
  readonly currency: "USD";
  readonly prices: Prices["source"];
  readonly labs: readonly LabCost[];
  /** Its golden images; those of the account, where it can be asked. */
  readonly goldenImages: readonly GoldenCost[];
  /** Droplets of nobody in the class file; those of the account, where it can be asked. */
  readonly strays: readonly StrayCost[];
  /** When all labs are up. */
  readonly anHour: number;
  readonly soFar: number;
  /** Unknown when a lab that costs something has no end. */
  readonly untilExpiry?: number;
  readonly budget?: Budget;
  /** It will cost more than the budget; without an end, it may. */
  readonly overBudget: boolean;
}

/** How the cost is found. */
export interface CostOptions {
  /** @default - none */
  readonly budget?: Budget;
  /** @default - the present */
  readonly now?: Date;
  /** @default - from the API, else from the table */
  readonly prices?: Prices;
  /** When each lab's droplet was made. @default - from the API, else from the states */
  readonly since?: ReadonlyMap<string, Date>;
  /** All labs of the class: droplets of others that have its tag are nobody's. @default - the labs whose cost is found */
  readonly wholeClass?: readonly LabEntry[];
  /** The class's golden images. @default - from the API; without a token none is known */
  readonly goldenImages?: readonly GoldenImage[];
  /** Gets what it waits for, and why the table is taken. @default - nobody */
  readonly say?: (message: string) => void;
}

/**
 * What these labs cost an hour, so far and until they end: droplets, their volumes and backups, and
 * the class's golden images. A reserved IP is free while it is assigned.
 *
 * @throws StateUnreachable
 */
export async function classCost(entries: readonly LabEntry[], options: CostOptions = {}): Promise<ClassCost> {
  const { budget, now = new Date(), say = () => undefined } = options;
  const onDroplets = entries.filter(onDroplet);
  const prices = options.prices ?? (await currentPrices(say));
  const droplets = options.since || onDroplets.length === 0 ? undefined : await dropletsOfApi(say);
  const since = options.since ?? (await creationTimes(onDroplets, droplets));
  const labs = options.wholeClass ?? entries;
  const images = options.goldenImages ?? (await imagesOfApi(onDroplets, say));
  const ends = onDroplets.map(({ expires }) => expires?.at);
  return sumUp(
    entries.map((entry) => labCost(entry, prices, since.get(entry.id), now)),
    images.map((image) => goldenCost(image, ends, now)),
    strayCosts(droplets ?? [], labs, prices, now),
    prices.source,
    budget,
  );
}

async function dropletsOfApi(say: (message: string) => void): Promise<readonly ListedDroplet[] | undefined> {
  return digitalOceanToken() ? labDroplets(say).catch(() => undefined) : undefined;
}

function strayCosts(
  droplets: readonly ListedDroplet[],
  labs: readonly LabEntry[],
  prices: Prices,
  now: Date,
): StrayCost[] {
  const wholeClass = { labs, classNames: classNames(labs) };
  return droplets.flatMap(({ tags, size_slug: size, created_at: since }) => {
    const lab = strayStudent(tags, wholeClass);
    const price = prices.droplet(size) ?? { anHour: 0, aMonth: 0 };
    return lab === undefined
      ? []
      : [{ lab, size, since, anHour: price.anHour, soFar: costOf(price, new Date(since), now) }];
  });
}

function goldenCost({ id, name, since, gib }: GoldenImage, ends: readonly (Date | undefined)[], now: Date): GoldenCost {
  const price = sum([SNAPSHOT_GIB], gib);
  const soFar = costOf(price, new Date(since), now);
  const until = ends.every((end) => end !== undefined)
    ? Math.max(soFar, ...ends.map((end) => costOf(price, new Date(since), end)))
    : undefined;
  return { id, name, since, anHour: price.anHour, soFar, untilExpiry: until };
}

async function imagesOfApi(entries: readonly LabEntry[], say: (message: string) => void): Promise<GoldenImage[]> {
  return entries.length > 0 && digitalOceanToken() ? goldenImages(classNames(entries), say).catch(() => []) : [];
}

/** What these labs of a class cost, without the others. */
export function costOfSome(cost: ClassCost, wanted: (lab: LabCost) => boolean): ClassCost {
  return sumUp(cost.labs.filter(wanted), cost.goldenImages, cost.strays, cost.prices, cost.budget);
}

function sumUp(
  labs: readonly LabCost[],
  images: readonly GoldenCost[],
  strays: readonly StrayCost[],
  prices: Prices["source"],
  budget?: Budget,
): ClassCost {
  const paid = [...labs, ...images, ...strays];
  const total = (value: (one: LabCost | GoldenCost | StrayCost) => number): number =>
    paid.reduce((so, one) => so + value(one), 0);
  const endless = paid.some(({ anHour, untilExpiry }) => anHour > 0 && untilExpiry === undefined);
  const untilExpiry = endless ? undefined : total((one) => one.untilExpiry ?? 0);
  return {
    currency: "USD",
    prices,
    labs,
    goldenImages: images,
    strays,
    anHour: total(({ anHour }) => anHour),
    soFar: total(({ soFar }) => soFar),
    untilExpiry,
    budget,
    overBudget: budget !== undefined && (untilExpiry ?? Infinity) > budget.amount,
  };
}

function labCost({ id, target, expires }: LabEntry, prices: Prices, since: Date | undefined, now: Date): LabCost {
  const end = expires?.at;
  const common = { lab: id, since: since?.toISOString(), expires: end?.toISOString() };
  if (target?.kind !== "digitalocean") {
    return { ...common, parts: {}, anHour: 0, soFar: 0, earlier: 0, untilExpiry: 0 };
  }
  const { size = DEFAULT_SIZE, dataVolumeGiB, backups } = target.options;
  const droplet = prices.droplet(size) ?? { anHour: 0, aMonth: 0 };
  const parts: Record<string, Price> = {
    droplet,
    ...(dataVolumeGiB !== undefined && { volume: sum([VOLUME_GIB], dataVolumeGiB) }),
    ...(backups && { backups: sum([droplet], BACKUPS) }),
  };
  const price = sum(Object.values(parts));
  const earlier = paidEarlier(id, since);
  const present = since ? costOf(price, since, now) : 0;
  // A lab that should have ended and is still there goes on to cost.
  const untilExpiry = end && (since ? Math.max(present, costOf(price, since, end)) : costOf(price, now, end));
  return {
    ...common,
    size,
    parts: Object.fromEntries(Object.entries(parts).map(([name, { anHour }]) => [name, anHour])),
    anHour: price.anHour,
    soFar: earlier + present,
    earlier,
    untilExpiry: untilExpiry === undefined ? undefined : earlier + untilExpiry,
  };
}

/** When the labs' droplets were made: as the API says, else as the states do. */
async function creationTimes(
  entries: readonly LabEntry[],
  droplets: readonly ListedDroplet[] | undefined,
): Promise<Map<string, Date>> {
  const times = droplets && new Map(droplets.map(({ name, created_at: time }) => [name, time]));
  const found = await Promise.all(
    entries.map(async (entry): Promise<[string, string | undefined]> => [
      entry.id,
      times ? times.get(sshAlias(entry.id)) : await timeInState(entry),
    ]),
  );
  return new Map(found.flatMap(([id, time]): [string, Date][] => (time ? [[id, new Date(time)]] : [])));
}

async function timeInState(entry: LabEntry): Promise<string | undefined> {
  const resources = await stateResources(entry, "droplet.tfstate");
  return resources.find(({ type }) => type === "digitalocean_droplet")?.instances[0]?.attributes.created_at;
}
