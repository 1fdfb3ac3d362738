import { createHistogram } from "node:perf_hooks";
import { errors as undiciErrors, Pool, type Dispatcher } from "undici";
import { arrivalGap, type Schedule } from "./arrivals.ts";
import { seededRandom } from "./iris-rows.ts";
import { REQUEST_TIMEOUT_S, type LoadErrors } from "./load.ts";
import { percentileOrNull } from "./statistics.ts";

/** A load whose requests are due at their times, whatever became of the ones before. */
export interface OpenLoad {
  readonly url: string;
  readonly bodies: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  readonly schedule: Schedule;
  /** Sent first and not counted: connections open and the generator itself warms up. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Requests under way at most; those due beyond are shed here and counted. */
  readonly maxInFlight: number;
}

/** What became of it; latencies in milliseconds from the time a request was due. */
export interface OpenLoadResult {
  readonly due: number;
  readonly answered: number;
  /** Answers that said 503. */
  readonly refused: number;
  /** Due requests that were not sent, for want of a free connection. */
  readonly shed: number;
  /** Requests sent more than a millisecond after they were due: the generator's own delay. */
  readonly late: number;
  readonly errors: LoadErrors;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
}

const LATE_MS = 1;
const SEED = 7;

function newTally() {
  return {
    due: 0,
    answered: 0,
    refused: 0,
    shed: 0,
    late: 0,
    errors: { non2xx: 0, sockets: 0, timeouts: 0 },
    latencies: createHistogram({ figures: 3, highest: 10 ** 9 }),
  };
}

type Tally = ReturnType<typeof newTally>;

/** Books what becomes of a request that was due at a time. */
function bookkeeper(due: number, tally: Tally, settled: () => void): Dispatcher.DispatchHandler {
  let status = 0;
  return {
    // undici tells handlers of this form from its older ones by this method.
    onRequestStart() {},
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData() {},
    onResponseEnd() {
      settled();
      // What a client gets is a latency only when it is a prediction.
      if (status >= 200 && status < 300) {
        tally.answered += 1;
        tally.latencies.record(Math.max(1, Math.round((performance.now() - due) * 1000)));
      } else if (status === 503) tally.refused += 1;
      else tally.errors.non2xx += 1;
    },
    onResponseError(_controller, error) {
      settled();
      const timeout =
        error instanceof undiciErrors.HeadersTimeoutError ||
        error instanceof undiciErrors.BodyTimeoutError;
      tally.errors[timeout ? "timeouts" : "sockets"] += 1;
    },
  };
}

/** Sends a load and waits for all its answers. */
export async function runOpenLoop(load: OpenLoad): Promise<OpenLoadResult> {
  const { rate, schedule, bodies, maxInFlight } = load;
  const { origin, pathname } = new URL(load.url);
  const pool = new Pool(origin, {
    connections: maxInFlight,
    pipelining: 1,
    headersTimeout: REQUEST_TIMEOUT_S * 1000,
    bodyTimeout: REQUEST_TIMEOUT_S * 1000,
  });
  const headers = { "content-type": "application/json" };
  const random = seededRandom(SEED);
  const warmUp = newTally();
  const measured = newTally();
  let inFlight = 0;
  let sent = 0;
  const settled = () => {
    inFlight -= 1;
  };
  const start = performance.now();
  const measuredFrom = start + load.warmUpSeconds * 1000;
  const end = measuredFrom + load.seconds * 1000;
  let due = start + arrivalGap(schedule, rate, random);
  while (due < end || inFlight > 0) {
    const now = performance.now();
    for (; due <= now && due < end; due += arrivalGap(schedule, rate, random)) {
      const tally = due < measuredFrom ? warmUp : measured;
      tally.due += 1;
      if (now - due > LATE_MS) tally.late += 1;
      if (inFlight >= maxInFlight) {
        tally.shed += 1;
        continue;
      }
      inFlight += 1;
      const body = bodies[sent++ % bodies.length] ?? null;
      pool.dispatch(
        { path: pathname, method: "POST", headers, body },
        bookkeeper(due, tally, settled),
      );
    }
    // A turn of the event loop, not a timer: timers are a millisecond coarse.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await pool.close();
  const { latencies, ...counted } = measured;
  const at = (percentile: number) =>
    percentileOrNull(percentile, counted.answered, latencies.percentile(percentile) / 1000);
  return { ...counted, p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) };
}
