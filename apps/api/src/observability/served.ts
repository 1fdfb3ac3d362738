/** Whether a prediction came from the response cache. */
export type CacheResult = "hit" | "miss";

/** What an operation did, for the log line and the headers of its request. */
export interface Served {
  model: string;
  version: string;
  rows: number;
  /** When the run began, on the clock of `performance.now()`; 0 where nothing ran. */
  startedAt?: number | undefined;
  /** When the wait began, where it did not end with the run's begin. */
  queuedAt?: number | undefined;
  /** Wait before the run, in milliseconds. */
  queueMs?: number | undefined;
  /** Duration of the run, in milliseconds. */
  computeMs?: number | undefined;
  /** From the reading of the request to the answer, in milliseconds; absent, it is still running. */
  totalMs?: number | undefined;
  /** Whether the answer was kept; absent where nothing is. */
  cached?: CacheResult | undefined;
}

/** Notes what an operation did; of the calls of one batch the rows add up, and the longest times count. */
export function noteServed(context: { served: Served | undefined }, served: Served): void {
  const before = context.served;
  context.served =
    before === undefined
      ? served
      : {
          ...served,
          rows: before.rows + served.rows,
          startedAt: Math.max(before.startedAt ?? 0, served.startedAt ?? 0),
          queueMs: Math.max(before.queueMs ?? 0, served.queueMs ?? 0),
          computeMs: Math.max(before.computeMs ?? 0, served.computeMs ?? 0),
          totalMs: undefined,
          cached: before.cached === "miss" ? "miss" : served.cached,
        };
}
