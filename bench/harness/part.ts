/** The units of the figures. */
export type Unit = "s" | "ms" | "MiB" | "MB" | "1/s" | "events";

/** One figure: what was measured, and beside it what a user would use instead. */
export interface Row {
  /** Unique within its part; `--check` finds the committed row by it. */
  readonly id: string;
  /** What was measured, for people. */
  readonly what: string;
  readonly unit: Unit;
  /** One value a run. */
  readonly samples: readonly number[];
  /**
   * Which values are the better ones.
   * @default "lower"
   */
  readonly better?: "lower" | "higher";
  /**
   * The same, done by something else in the same run, turn by turn.
   * @default - compared with nothing
   */
  readonly against?: { readonly what: string; readonly samples: readonly number[] };
  /**
   * What is to be reached: the median, and its ratio to the other's. At most these, or at least where higher is better.
   * @default - reported only
   */
  readonly goal?: { readonly median?: number; readonly ratio?: number };
  /**
   * What a reader has to know to read the figure right.
   * @default - nothing
   */
  readonly note?: string;
}

/** What a part of the bench works with. */
export interface Bench {
  /** How many times each thing is to be measured. */
  readonly runs: number;
  /** Says what is going on. */
  say(line: string): void;
  /** Adds the version of something that the figures hang on. */
  version(of: string, is: string): void;
  /**
   * Runs the contestants turn by turn (A B A B ...), `runs` times each, and looks before each turn whether the machine is
   * quiet.
   *
   * @param contestants each gives one sample: usually its own time, see `seconds`
   */
  turns<Name extends string>(
    contestants: Readonly<Record<Name, () => Promise<number>>>,
  ): Promise<Record<Name, number[]>>;
}

/** A part of the bench: figures that are measured together. It can be run alone, by its name. */
export interface Part {
  readonly name: string;
  /** What it measures, and how, in a sentence or two. */
  readonly about: string;
  /** How many times each thing is measured unless `--runs` says otherwise. */
  readonly runs: number;
  /**
   * Takes so long that it runs only when it is named.
   * @default false
   */
  readonly onlyByName?: boolean;
  /** Leaves the machine as it was, also when it fails. */
  run(bench: Bench): Promise<readonly Row[]>;
}
