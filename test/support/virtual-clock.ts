import type { Clock } from "../../platform/rate-limiter";

/** Time that goes on only when everybody waits for it. */
export class VirtualClock implements Clock {
  private time = 0;
  private readonly sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((wake) => {
      const at = this.time + milliseconds;
      const index = this.sleepers.findIndex((sleeper) => sleeper.at > at);
      this.sleepers.splice(index < 0 ? this.sleepers.length : index, 0, { at, wake });
    });
  }

  /** Lets time go on until the work is done. @throws Error when nobody is left who could end it */
  async until<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    work.then(mark, mark);
    for (;;) {
      // All that can go on at this time does.
      await new Promise(setImmediate);
      if (settled) {
        return work;
      }
      const next = this.sleepers.shift();
      if (!next) {
        throw new Error("everybody waits, for nothing");
      }
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
  }
}
