import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeIfChanged } from "./files";

/** At most so many requests in any so many seconds. */
export interface RateWindow {
  readonly requests: number;
  readonly seconds: number;
}

/** What DigitalOcean allows: 250 requests a minute and 5,000 an hour, less a little for who else uses the account. */
export const API_LIMITS: readonly RateWindow[] = [
  { requests: 240, seconds: 60 },
  { requests: 4800, seconds: 3600 },
];

/** Time, for tests that do not wait. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const SYSTEM: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** When requests went, by the clock of who asks. */
export interface RequestLog {
  /** The last ones, the oldest first; at least so many, where there were. */
  last(count: number): readonly number[];
  add(time: number): void;
}

/** What one process has asked. */
export class OwnRequests implements RequestLog {
  private readonly times: number[] = [];

  last(): readonly number[] {
    return this.times;
  }

  add(time: number): void {
    this.times.push(time);
  }
}

/** A line's length: milliseconds since 1970 and the line's end. */
const LINE_BYTES = 14;

/** What all processes have asked that keep this file: an `up` that is typed again goes on with the rate of the one before. */
export class SharedRequests implements RequestLog {
  /** @param file made with its first request */
  constructor(private readonly file: string) {}

  last(count: number): readonly number[] {
    if (!existsSync(this.file)) {
      return [];
    }
    const lines = readFileSync(this.file, "utf8")
      .split("\n")
      .slice(-count - 1, -1);
    if (statSync(this.file).size > 4 * count * LINE_BYTES) {
      writeIfChanged(this.file, `${lines.join("\n")}\n`);
    }
    // Of a clock that was put back since, nothing follows.
    return lines.map(Number).filter((time) => time <= Date.now());
  }

  add(time: number): void {
    mkdirSync(dirname(this.file), { recursive: true });
    appendFileSync(this.file, `${time}\n`);
  }
}

/**
 * Lets requests go one after the other so that no window of time ever holds more than it may, wherever it begins.
 * (Libraries refill a bucket at fixed times, which lets twice as many go around such a time.)
 */
export class RateLimiter {
  private readonly most: number;
  private queue: Promise<void> = Promise.resolve();
  private pausedUntil = -Infinity;

  constructor(
    private readonly windows: readonly RateWindow[],
    private readonly clock: Clock = SYSTEM,
    private readonly log: RequestLog = new OwnRequests(),
  ) {
    this.most = Math.max(...windows.map(({ requests }) => requests));
  }

  /** Waits until the next request may go. Requests go in the order in which they ask. */
  take(): Promise<void> {
    const turn = this.queue.then(() => this.next());
    this.queue = turn;
    return turn;
  }

  /** Lets nothing go for so long: the other side said that it is too much. */
  pause(seconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.clock.now() + seconds * 1000);
  }

  private async next(): Promise<void> {
    for (let wait; (wait = this.earliest() - this.clock.now()) > 0;) {
      await this.clock.sleep(wait);
    }
    this.log.add(this.clock.now());
  }

  private earliest(): number {
    const gone = this.log.last(this.most);
    const free = this.windows.map(({ requests, seconds }) => {
      const first = gone[gone.length - requests];
      // A millisecond more: a window that is exactly over may not be, as the other side counts.
      return first === undefined ? -Infinity : first + seconds * 1000 + 1;
    });
    return Math.max(this.pausedUntil, ...free);
  }
}
