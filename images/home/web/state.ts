/** What `GET api/state` answers. Times are in seconds since 1970, by the service's clock. */
export interface LabState {
  readonly lab: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly now: number;
  readonly services: readonly Service[];
  readonly canary: Canary | null;
  readonly exercise: readonly Step[];
  readonly pages: readonly { readonly name: string }[];
}

/** A service as it was last looked at. Where it is down, its figures are those of before. */
export interface Service {
  readonly name: string;
  readonly title: string;
  readonly container: string;
  readonly state: "up" | "down" | "unknown";
  readonly problem: string | null;
  /** When its state was first seen to be what it is. */
  readonly since: number | null;
  /** When it started, where it tells. */
  readonly upSince: number | null;
  readonly figures: Figures;
  /** When the figures were read. */
  readonly readAt: number | null;
}

/** The figures of all services; each has its own. */
export interface Figures {
  readonly gameApi?: boolean;
  readonly events?: number;
  readonly end?: number;
  readonly perSecond?: number | null;
  readonly topics?: number;
  readonly kernels?: number;
  readonly folders?: readonly Folder[];
  readonly stream?: { readonly read: number; readonly batch: number; readonly changed: number } | null;
  readonly batchRead?: number | null;
  readonly tables?: readonly { readonly database: string; readonly name: string }[];
  readonly workers?: number;
  readonly running?: number;
  readonly queries?: readonly Query[];
}

/** A folder of Parquet files in HDFS. */
export interface Folder {
  readonly path: string;
  readonly files: number;
  readonly rows: number;
  /** Of how many of the files the rows are counted. */
  readonly counted: number;
}

/** One of Presto's last queries. */
export interface Query {
  readonly text: string;
  readonly state: string;
  readonly source: string;
  readonly created: number;
  readonly seconds: number;
}

/** The last flight of the canary. */
export interface Canary {
  readonly green: boolean;
  readonly at: number;
  readonly seconds: number;
  readonly problem?: string;
  readonly hops: readonly { readonly name: string; readonly seconds: number }[];
}

/** A step of the exercise. */
export interface Step {
  readonly number: string;
  readonly title: string;
  readonly command: string;
  readonly state: "done" | "seen" | "next" | "later";
}
