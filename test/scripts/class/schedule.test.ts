import fc from "fast-check";
import { API_LIMITS, OwnRequests, RateLimiter, RateWindow } from "../../../platform/rate-limiter";
import { Ending, schedule } from "../../../scripts/class/schedule";
import { VirtualClock } from "../../support/virtual-clock";

/** A cloud that counts, and deploys labs that fail at random. */
class FakeCloud {
  /** When each request came. */
  readonly requests: number[] = [];
  /** The labs that are there, with the number of times that each was made. */
  readonly made = new Map<string, number>();
  readonly atWork = new Set<string>();
  mostAtWork = 0;
  /** That of the command which is at work. */
  limiter?: RateLimiter;

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: () => number,
    private readonly failureRate: number,
  ) {}

  /** A deploy as Terraform does it: what is there already is not made again, and what fails is left half-done. */
  async deploy(lab: string, signal?: AbortSignal): Promise<string> {
    expect(this.atWork).not.toContain(lab);
    this.atWork.add(lab);
    this.mostAtWork = Math.max(this.mostAtWork, this.atWork.size);
    const isThere = this.made.has(lab);
    try {
      const steps = isThere ? 3 : 5 + Math.floor(this.random() * 20);
      for (let step = 0; step < steps; step++) {
        if (signal?.aborted) {
          throw new Error("interrupted");
        }
        await this.request();
        if (this.random() < this.failureRate / steps) {
          throw new Error("the cloud failed");
        }
      }
      if (!isThere) {
        this.made.set(lab, (this.made.get(lab) ?? 0) + 1);
      }
      return `address of ${lab}`;
    } finally {
      this.atWork.delete(lab);
    }
  }

  private async request(): Promise<void> {
    await this.limiter!.take();
    this.requests.push(this.clock.now());
    await this.clock.sleep(20 + this.random() * 3000);
  }

  /** The most requests in any window of so many seconds, wherever it begins. */
  mostIn(seconds: number): number {
    let most = 0;
    for (let first = 0, last = 0; last < this.requests.length; last++) {
      while (this.requests[last]! - this.requests[first]! >= seconds * 1000) {
        first++;
      }
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Class {
  readonly students: number;
  readonly parallel: number;
  readonly failureRate: number;
  readonly seed: number;
  /** Virtual seconds after which the first `up` is interrupted. */
  readonly interruptedAfter?: number;
  readonly limits?: readonly RateWindow[];
}

/** Types `up` again and again until everybody is ready, and checks at each end what must hold. */
async function upUntilReady(settings: Class): Promise<FakeCloud> {
  const { parallel, interruptedAfter, limits = API_LIMITS } = settings;
  const clock = new VirtualClock();
  const requests = new OwnRequests();
  const cloud = new FakeCloud(clock, randomOf(settings.seed), settings.failureRate);
  const labs = Array.from({ length: settings.students }, (_, index) => `student-${index}`);
  for (let round = 0, ready = new Set<string>(); ready.size < labs.length; round++) {
    const abort = new AbortController();
    if (round === 0 && interruptedAfter !== undefined) {
      void clock.sleep(interruptedAfter * 1000).then(() => abort.abort());
    }
    // Each command has its own, and goes on from the requests of those before it.
    cloud.limiter = new RateLimiter(limits, clock, requests);
    const begun: string[] = [];
    const work = (lab: string): Promise<string> => {
      begun.push(lab);
      return cloud.deploy(lab, abort.signal);
    };
    const endings: Ending<string>[] = await clock.until(schedule(labs, work, { parallel, signal: abort.signal }));
    // Nobody is lost, and each has their own ending.
    expect(endings).toHaveLength(labs.length);
    expect(begun).toEqual(labs.filter((_, index) => endings[index]!.status !== "skipped"));
    const values = endings.map(
      (ending, index) => ending.status !== "done" || ending.value === `address of ${labs[index]}`,
    );
    expect(values).not.toContain(false);
    expect(cloud.atWork.size).toBe(0);
    ready = new Set(labs.filter((lab) => cloud.made.has(lab)));
    expect(round).toBeLessThan(60);
  }
  expect([...cloud.made.keys()].sort()).toEqual([...labs].sort());
  expect([...cloud.made.values()].every((times) => times === 1)).toBe(true);
  expect(cloud.mostAtWork).toBeLessThanOrEqual(parallel);
  for (const { requests, seconds } of limits) {
    expect(cloud.mostIn(seconds)).toBeLessThanOrEqual(requests);
  }
  return cloud;
}

const SETTINGS = fc.record({
  students: fc.integer({ min: 1, max: 25 }),
  parallel: fc.integer({ min: 1, max: 12 }),
  failureRate: fc.constantFrom(0, 0.1, 0.5),
  seed: fc.integer(),
  interruptedAfter: fc.option(fc.integer({ min: 0, max: 600 }), { nil: undefined }),
  limits: fc.constantFrom(API_LIMITS, [
    { requests: 7, seconds: 10 },
    { requests: 50, seconds: 120 },
  ]),
});

test("nobody is lost, nobody is deployed twice, and the API's rate is kept, whatever fails or is interrupted", async () => {
  await fc.assert(
    fc.asyncProperty(SETTINGS, async (settings) => {
      await upUntilReady(settings);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test("a thousand students, ten at once, one in five failing, interrupted in the middle", async () => {
  const cloud = await upUntilReady({ students: 1000, parallel: 10, failureRate: 0.2, seed: 1, interruptedAfter: 5000 });
  expect(cloud.requests.length).toBeGreaterThan(10_000);
  // The limits were reached: what kept the rate was not that nobody asked.
  expect(cloud.mostIn(3600)).toBe(API_LIMITS[1]!.requests);
}, 60_000);

test("after a failure that says so, nothing goes until the time is over", async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter([{ requests: 100, seconds: 1 }], clock);
  await clock.until(limiter.take());
  limiter.pause(30);
  await clock.until(limiter.take());
  expect(clock.now()).toBe(30_000);
});
