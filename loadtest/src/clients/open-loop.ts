import { createHistogram } from "node:perf_hooks";
import { arrivalTimes, type Schedule } from "../statistics/arrivals.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { seededRandom } from "./iris-rows.ts";
import { requestBytes } from "./lean-connection.ts";
import { REQUEST_TIMEOUT_S, type LoadErrors } from "./load.ts";
import { percentileOrNull } from "../statistics/statistics.ts";

/** A load whose requests are due at their times, whatever became of the ones before. */
export interface OpenLoad {
  readonly url: string;
  readonly bodies: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  readonly schedule: Schedule;
  /** Sent first and not counted: the server and the generator itself warm up. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Requests due while all are busy wait for the first that is free. */
  readonly connections: number;
  /** Whether it sleeps 50 µs and more a turn, to leave its core to a server that shares it. */
  readonly naps: boolean;
}

/** What became of it; latencies in milliseconds from the time a request was due. */
export interface OpenLoadResult {
  readonly due: number;
  readonly answered: number;
  /** Answers that said 503. */
  readonly refused: number;
  /** Requests that found every connection busy: they waited, and their latency counts that. */
  readonly waited: number;
  /** Requests noticed more than a millisecond after they were due: the generator's own delay. */
  readonly late: number;
  readonly errors: LoadErrors;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

const LATE_MS = 1;
const NAP_MS = 0.05;
const SEED = 7;

/** Sends a load and waits for all its answers; throws when the server is not there or talks nonsense. */
export async function runOpenLoop(load: OpenLoad): Promise<OpenLoadResult> {
  const address = new URL(load.url);
  const requests = load.bodies.map((body) => requestBytes(address, body));
  const warmUp = load.warmUpSeconds * 1000;
  const times = arrivalTimes(
    load.schedule,
    load.rate,
    warmUp + load.seconds * 1000,
    seededRandom(SEED),
  );
  const firstCounted = times.findIndex((due) => due >= warmUp);
  const counts = { answered: 0, refused: 0, waited: 0, late: 0 };
  const errors = { non2xx: 0, sockets: 0, timeouts: 0 };
  const latencies = createHistogram({ figures: 3, highest: 10 ** 9 });
  // What is due and not sent lies between the two: a queue without a queue.
  let noticed = 0;
  let sent = 0;
  let settled = 0;
  let start = 0;
  const book = (request: number, status: number | null) => {
    settled += 1;
    if (request < firstCounted) return;
    if (status === null) errors.sockets += 1;
    else if (status === 503) counts.refused += 1;
    else if (status >= 300) errors.non2xx += 1;
    else {
      // What a client gets is a latency only when it is a prediction.
      counts.answered += 1;
      const latency = performance.now() - start - (times[request] ?? 0);
      latencies.record(Math.max(1, Math.round(latency * 1000)));
    }
  };
  const pool = new ConnectionPool(address, load.connections, {
    settled: book,
    next: () => (sent < noticed ? sent++ : null),
    bytes: (request) => requests[request % requests.length] ?? new Uint8Array(),
  });
  await pool.opened;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  start = performance.now();
  const end = times.length === 0 ? 0 : (times.at(-1) ?? 0) + REQUEST_TIMEOUT_S * 1000;
  let now = 0;
  while (settled < times.length && now < end && pool.failure === null) {
    for (let due = times[noticed]; due !== undefined && due <= now; due = times[noticed]) {
      if (noticed >= firstCounted) {
        if (now - due > LATE_MS) counts.late += 1;
        if (pool.free === 0) counts.waited += 1;
      }
      noticed += 1;
      pool.send();
    }
    if (load.naps) Atomics.wait(cell, 0, 0, NAP_MS);
    // A turn of the event loop, not a timer: timers are a millisecond coarse.
    await new Promise<void>((resolve) => setImmediate(resolve));
    now = performance.now() - start;
  }
  pool.destroy();
  if (pool.failure !== null) throw pool.failure;
  const due = times.length - firstCounted;
  errors.timeouts = due - counts.answered - counts.refused - errors.non2xx - errors.sockets;
  const at = (percentile: number) =>
    percentileOrNull(percentile, counts.answered, latencies.percentile(percentile) / 1000);
  return { due, ...counts, errors, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) };
}
