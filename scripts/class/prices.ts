import { DROPLET_SIZES, SIZES_AS_OF } from "../../platform/droplet-sizes";
import { digitalOceanToken, getDigitalOcean } from "../../platform/steps/account";

/** What something costs, in US dollars before taxes. */
export interface Price {
  readonly anHour: number;
  /** The most that a calendar month costs: hours beyond are free. */
  readonly aMonth: number;
}

/** What DigitalOcean asks for. */
export interface Prices {
  /** Where the droplets' prices come from: the API, or the table of this month. */
  readonly source: "api" | { readonly tableOf: string };
  /** A droplet of a size; undefined for one that is not sold. */
  droplet(size: string): Price | undefined;
}

/** A month is billed as so many hours at most. */
const HOURS_A_MONTH = 672;

/** A GiB of a volume. */
export const VOLUME_GIB: Price = perMonth(0.1);

/** A GiB of a snapshot. */
export const SNAPSHOT_GIB: Price = perMonth(0.06);

/** Weekly backups, as a part of the droplet's price. */
export const BACKUPS = 0.2;

/** Prices of the table in platform/droplet-sizes.ts. */
export const TABLE: Prices = {
  source: { tableOf: SIZES_AS_OF },
  droplet: (size) => (Object.hasOwn(DROPLET_SIZES, size) ? perMonth(DROPLET_SIZES[size]!.dollarsAMonth) : undefined),
};

interface Sizes {
  readonly sizes: readonly { readonly slug: string; readonly price_hourly: number; readonly price_monthly: number }[];
}

/**
 * The prices of today: from the API where there is a token and it answers, else from the table.
 *
 * @param say gets why the table is taken
 */
export async function currentPrices(say: (message: string) => void): Promise<Prices> {
  if (!digitalOceanToken()) {
    return TABLE;
  }
  try {
    const { sizes } = await getDigitalOcean<Sizes>("/v2/sizes?per_page=200", say);
    const known = new Map(
      sizes
        .filter(({ price_hourly: hour, price_monthly: month }) => hour > 0 && month > 0)
        .map(({ slug, price_hourly, price_monthly }) => [slug, { anHour: price_hourly, aMonth: price_monthly }]),
    );
    return known.size > 0 ? { source: "api", droplet: (size) => known.get(size) ?? TABLE.droplet(size) } : TABLE;
  } catch (error) {
    say(`${(error as Error).message} The prices are those of ${SIZES_AS_OF}.`);
    return TABLE;
  }
}

/** A price that is known by the month. */
export function perMonth(aMonth: number): Price {
  return { anHour: aMonth / HOURS_A_MONTH, aMonth };
}

/** Several things together, or a part of one. */
export function sum(prices: readonly Price[], factor = 1): Price {
  const total = (field: keyof Price): number => factor * prices.reduce((so, price) => so + price[field], 0);
  return { anHour: total("anHour"), aMonth: total("aMonth") };
}

/** What a time costs: by the hour, and no calendar month (UTC) more than its price. */
export function costOf(price: Price, from: Date, to: Date): number {
  let total = 0;
  for (let start = from; start < to;) {
    const next = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
    const end = next < to ? next : to;
    total += Math.min(((end.getTime() - start.getTime()) / 3_600_000) * price.anHour, price.aMonth);
    start = end;
  }
  return total;
}
