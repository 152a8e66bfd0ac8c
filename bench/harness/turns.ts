import { performance } from "node:perf_hooks";

/** How contestants are run. */
export interface TurnOptions {
  readonly runs: number;
  readonly say: (line: string) => void;
  /** Done before each contestant's turn. */
  readonly beforeTurn: () => Promise<void>;
}

/** Runs contestants turn by turn (A B A B ...), and gives each one's samples in the order of the turns. */
export async function turns<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
  { runs, say, beforeTurn }: TurnOptions,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries<() => Promise<number>>(contestants) as [Name, () => Promise<number>][];
  const samples = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let turn = 1; turn <= runs; turn++) {
    for (const [name, contestant] of entries) {
      await beforeTurn();
      const sample = await contestant();
      samples[name].push(sample);
      say(`${turn} of ${runs}: ${name} ${Number(sample.toPrecision(3))}`);
    }
  }
  return samples;
}

/** How long something takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
