import type { Lab } from "./lab";

/** A game API: the lab's by `flask run`, the same under granian, or the notes' by `flask run`. */
export type Server = "flask" | "granian" | "notes";

/** A game API under ab. */
export interface UnderAb {
  readonly requestsPerSecond: number;
  /** The 99th percentile of an answer's time. */
  readonly slowestMs: number;
  readonly answered: number;
  /** Answered requests without an event on the topic. */
  readonly missing: number;
}

/** A game API that was stopped under load. */
export interface Stopped {
  /** Requests that were answered whole, the last ones while it stopped. */
  readonly answered: number;
  readonly beforeTheSignal: number;
  readonly missing: number;
  /** Answered requests with more than one event on the topic. */
  readonly twice: number;
}

/** The line that bench/game-api/served.py prints. @throws Error where there is none */
export function served<Figures>(output: string): Figures {
  const line = /^SERVED (\{.*\})$/m.exec(output)?.[1];
  if (!line) {
    throw new Error(`the game API was not measured:\n${output.slice(-2000)}`);
  }
  return JSON.parse(line) as Figures;
}

/** Runs bench/game-api/served.py in mids, where it lies in /tmp/bench-game-api. */
export async function serve<Figures>(
  lab: Lab,
  how: "ab" | "stop",
  server: Server,
  ...words: string[]
): Promise<Figures> {
  const { output } = await lab.exec("mids", ["python3", "/tmp/bench-game-api/served.py", how, server, ...words]);
  return served<Figures>(output);
}
