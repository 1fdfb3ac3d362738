import { createHistogram } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { percentileOrNull } from "../statistics/statistics.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { REQUEST_TIMEOUT_S, type LoadResult } from "./load.ts";

/** A closed-loop load over connections that are open before it starts. */
export interface ClosedLoop {
  readonly url: URL;
  /** Whole requests, sent in turn. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  /** The same load first, not counted: so long, and so many requests at least. */
  readonly warmUpSeconds: number;
  readonly warmUpRequests: number;
  readonly seconds: number;
}

/** Milliseconds between two checks whether the warm-up has sent enough. */
const WARM_UP_CHECK_MS = 20;

/**
 * Opens all connections, warms up, waits for `measure` and then sends requests for the given time.
 * Every request sent in that time is waited for and counted. Throws when a response does not come.
 */
export async function runClosedLoop(
  { url, requests, connections, ...load }: ClosedLoop,
  measure: () => Promise<void>,
): Promise<LoadResult> {
  const latencies = createHistogram({ figures: 3, highest: 10 ** 9 });
  const started = new Map<number, number>();
  const counts = { ok: 0, non2xx: 0, sockets: 0 };
  let sending = false;
  let next = 0;
  let settled = 0;
  let idle = Promise.withResolvers<void>();
  const pool = new ConnectionPool(url, connections, {
    next() {
      if (!sending) return null;
      started.set(next, performance.now());
      return next++;
    },
    bytes: (request) => requests[request % requests.length] ?? new Uint8Array(),
    settled(request, status) {
      settled += 1;
      if (status === null) counts.sockets += 1;
      else if (status < 200 || status >= 300) counts.non2xx += 1;
      else {
        counts.ok += 1;
        const milliseconds = performance.now() - (started.get(request) ?? 0);
        latencies.record(Math.max(1, Math.round(milliseconds * 1000)));
      }
      started.delete(request);
      if (!sending && started.size === 0) idle.resolve();
    },
  });
  /** Sends on all connections until `enough` resolves, and waits for the last response. */
  const send = async (enough: () => Promise<unknown>) => {
    sending = true;
    idle = Promise.withResolvers();
    for (let count = 0; count < connections; count += 1) pool.send();
    await enough();
    sending = false;
    if (started.size === 0) return;
    const timer = setTimeout(() => {
      idle.reject(pool.failure ?? new Error(`no response within ${REQUEST_TIMEOUT_S} s`));
    }, REQUEST_TIMEOUT_S * 1000);
    await idle.promise.finally(() => clearTimeout(timer));
  };
  try {
    await pool.opened;
    if (pool.failure !== null) throw pool.failure;
    await send(async () => {
      await pause(load.warmUpSeconds * 1000);
      while (settled < load.warmUpRequests && pool.failure === null) await pause(WARM_UP_CHECK_MS);
    });
    await measure();
    latencies.reset();
    Object.assign(counts, { ok: 0, non2xx: 0, sockets: 0 });
    const start = performance.now();
    await send(() => pause(load.seconds * 1000));
    const seconds = (performance.now() - start) / 1000;
    if (pool.failure !== null) throw pool.failure;
    const at = (percentile: number) =>
      percentileOrNull(percentile, counts.ok, latencies.percentile(percentile) / 1000);
    return {
      requests: counts.ok,
      seconds,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      errors: { non2xx: counts.non2xx, sockets: counts.sockets, timeouts: 0 },
    };
  } finally {
    pool.destroy();
  }
}
