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
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/**
 * Lets requests go one after the other so that no window of time ever holds more than it may, wherever it begins.
 * (Libraries refill a bucket at fixed times, which lets twice as many go around such a time.)
 */
export class RateLimiter {
  /** When the last requests went, the oldest first; as many as the largest window counts. */
  private readonly gone: number[] = [];
  private readonly kept: number;
  private queue: Promise<void> = Promise.resolve();
  private pausedUntil = -Infinity;

  constructor(
    private readonly windows: readonly RateWindow[],
    private readonly clock: Clock = SYSTEM,
  ) {
    this.kept = Math.max(...windows.map(({ requests }) => requests));
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
    this.gone.push(this.clock.now());
    if (this.gone.length > this.kept) {
      this.gone.shift();
    }
  }

  private earliest(): number {
    const free = this.windows.map(({ requests, seconds }) => {
      const first = this.gone[this.gone.length - requests];
      // A millisecond more: a window that is exactly over may not be, as the other side counts.
      return first === undefined ? -Infinity : first + seconds * 1000 + 1;
    });
    return Math.max(this.pausedUntil, ...free);
  }
}
