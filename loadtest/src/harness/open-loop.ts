import { readFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { ConnectionPool, requestBytes } from "./connections.ts";
import { goFirst, ownPriority, runChild } from "./host.ts";
import { REQUEST_TIMEOUT_S, type LoadErrors } from "./load-generators.ts";
import { errorCount } from "./measure.ts";
import { seededRandom } from "./request-bodies.ts";
import { arrivalTimes, percentileOrNull, type Schedule } from "./statistics.ts";

/** A load whose requests are due at their times, whatever the responses to those before. */
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

/** The outcome; latencies in milliseconds from the time a request was due. */
export interface OpenLoadResult {
  readonly due: number;
  readonly answered: number;
  /** Responses with 503. */
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

/** Sends a load and waits for all responses; throws when there is no server or a response is malformed. */
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
  // What is due and not sent lies between the two: they are the queue.
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
      // Only predictions count as latencies.
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

/** An {@link OpenLoad} whose bodies are the name of a file with one a line. */
export interface OfferedLoad extends Omit<OpenLoad, "bodies"> {
  readonly bodies: string;
}

/** The outcome of a load, and its generator. */
export interface OfferedResult extends OpenLoadResult {
  /** Its claim on a core, such as `nice 0`, that of any process. */
  readonly priority: string;
  /** Share of a core it used. */
  readonly clientCpu: number | null;
}

/** Name of the generator for reports. */
export const OPEN_LOOP_NAME = "Sepal's open loop on node:net";

/** Share of late requests above which latencies are the generator's, not the server's. */
export const TOO_LATE = 0.01;

const program = fileURLToPath(import.meta.url);

/** Offers a load from a process of its own on a core. */
export async function offerLoad(load: OfferedLoad, core: number | null): Promise<OfferedResult> {
  const child = [process.execPath, program, JSON.stringify(load)];
  const { output, cpu } = await runChild(child, core);
  const result: Omit<OfferedResult, "clientCpu"> = JSON.parse(output);
  return { ...result, clientCpu: cpu };
}

/** Share of the due requests that got no prediction. */
export function failedShare({ refused, errors, due }: OpenLoadResult): number {
  return (refused + errorCount(errors)) / Math.max(1, due);
}

/** Share of the due requests that the generator itself delayed. */
export function lateShare({ late, due }: Pick<OpenLoadResult, "late" | "due">): number {
  return late / Math.max(1, due);
}

if (import.meta.main) {
  const { bodies, ...load }: OfferedLoad = JSON.parse(process.argv[2] ?? "");
  const texts = readFileSync(bodies, "utf8").trimEnd().split("\n");
  // A generator that does not nap would leave nothing of a shared core to the server.
  const priority = load.naps ? goFirst() : ownPriority();
  const result = await runOpenLoop({ ...load, bodies: texts });
  console.log(JSON.stringify({ ...result, priority }));
}
