import logUpdate from "log-update";

/** Shows what is going on with each lab. */
export interface Progress {
  /** The lab's present step. */
  step(lab: string, text: string): void;
  /** The lab's last word. */
  end(lab: string, text: string): void;
  /** Takes down what is redrawn. */
  close(): void;
}

/** How often the live lines are drawn, in milliseconds. */
const REDRAW_MS = 200;

/**
 * One line a lab, redrawn, at a terminal; plain lines elsewhere. It goes to standard error: standard output is the
 * command's result.
 */
export function progressOf(labs: readonly string[], stream: NodeJS.WriteStream = process.stderr): Progress {
  return stream.isTTY ? new LiveProgress(labs, stream) : new PlainProgress(labs, (line) => stream.write(`${line}\n`));
}

/** Plain lines: a step is told once, not every ten seconds of it. */
export class PlainProgress implements Progress {
  private readonly last = new Map<string, string>();
  private readonly width: number;

  constructor(
    labs: readonly string[],
    private readonly write: (line: string) => void,
  ) {
    this.width = Math.max(...labs.map(({ length }) => length));
  }

  step(lab: string, text: string): void {
    const bare = text.replace(/ \([\dhms]+\)$/, "");
    if (this.last.get(lab) !== bare) {
      this.last.set(lab, bare);
      this.write(`${lab.padEnd(this.width)}  ${text}`);
    }
  }

  end(lab: string, text: string): void {
    this.step(lab, text);
  }

  close(): void {}
}

/** Lines that are drawn anew; those at work come first, and what does not fit the terminal is counted. */
class LiveProgress implements Progress {
  private readonly steps = new Map<string, string>();
  private readonly ended = new Map<string, string>();
  private readonly draw: logUpdate.LogUpdate;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly labs: readonly string[],
    private readonly stream: NodeJS.WriteStream,
  ) {
    this.draw = logUpdate.create(stream);
    this.timer = setInterval(() => this.redraw(), REDRAW_MS);
  }

  step(lab: string, text: string): void {
    this.steps.set(lab, text);
  }

  end(lab: string, text: string): void {
    this.steps.delete(lab);
    this.ended.set(lab, text);
  }

  close(): void {
    clearInterval(this.timer);
    this.redraw();
    this.draw.done();
  }

  private redraw(): void {
    this.draw(liveLines(this.labs, this.steps, this.ended, this.stream.rows, this.stream.columns).join("\n"));
  }
}

/** What is drawn: never more than the terminal holds. */
export function liveLines(
  labs: readonly string[],
  steps: ReadonlyMap<string, string>,
  ended: ReadonlyMap<string, string>,
  rows = 24,
  columns = 80,
): string[] {
  const width = Math.max(...labs.map(({ length }) => length));
  const all = [...steps, ...[...ended].reverse()];
  const shown = all.slice(0, Math.max(rows - 2, 1));
  const lines = shown.map(([lab, text]) => `${lab.padEnd(width)}  ${text}`.slice(0, columns - 1));
  const waiting = labs.length - all.length;
  const more = [
    ...(all.length > shown.length ? [`${all.length - shown.length} more`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ];
  return more.length > 0 ? [...lines, `(${more.join(", ")})`] : lines;
}
