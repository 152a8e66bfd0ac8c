import pLimit from "p-limit";

/** How the work on one lab ended. */
export type Ending<T> =
  | { readonly status: "done"; readonly value: T }
  | { readonly status: "failed"; readonly error: Error }
  /** It was not begun, since all was interrupted before its turn. */
  | { readonly status: "skipped" };

/** How many labs are worked on at once, and when all ends. */
export interface ScheduleOptions {
  /** At most so many at once. */
  readonly parallel: number;
  /**
   * No more are begun after it; those that are at work get it, and end in order.
   * @default - never
   */
  readonly signal?: AbortSignal;
}

/**
 * Does a piece of work for each of these, some at once, each of them exactly once. A failure is one's own: the others
 * go on.
 *
 * @returns how each ended, in the order given
 */
export async function schedule<J, T>(
  jobs: readonly J[],
  work: (job: J) => Promise<T>,
  { parallel, signal }: ScheduleOptions,
): Promise<Ending<T>[]> {
  const limit = pLimit(parallel);
  return Promise.all(
    jobs.map((job) =>
      limit(async (): Promise<Ending<T>> => {
        if (signal?.aborted) {
          return { status: "skipped" };
        }
        try {
          return { status: "done", value: await work(job) };
        } catch (error) {
          return { status: "failed", error: error instanceof Error ? error : new Error(String(error)) };
        }
      }),
    ),
  );
}
