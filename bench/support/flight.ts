/** One flight of the canary: each hop's seconds in the order in which they ended, and the whole. */
export interface Flight {
  readonly hops: Readonly<Record<string, number>>;
  readonly whole: number;
}

/** Reads what the canary printed. @throws Error where it did not come through */
export function flight(output: string): Flight {
  const whole = /^canary: green in ([\d.]+) s$/m.exec(output)?.[1];
  if (whole === undefined) {
    throw new Error(`the canary did not come through:\n${output.slice(-2000)}`);
  }
  const hops = [...output.matchAll(/^canary: (.+?) +([\d.]+) s$/gm)]
    .filter(([, name]) => name !== "green in")
    .map(([, name, seconds]) => [name!, Number(seconds)] as const);
  return { hops: Object.fromEntries(hops), whole: Number(whole) };
}
