import { spawn } from "node:child_process";
import { once } from "node:events";
import { createHistogram } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ConnectionPool, readRequests } from "./connections.ts";
import { pinned, type Cores } from "./host.ts";
import { REQUEST_TIMEOUT_S, type LoadResult } from "./load-generators.ts";
import { percentileOrNull } from "./statistics.ts";

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

/** What a closed loop measured. */
export interface TimedResult extends LoadResult {
  /** p99 of the responses of each second, in milliseconds; null where there were too few. */
  readonly p99BySecond: readonly (number | null)[];
}

/** A histogram of microseconds. */
const newLatencies = () => createHistogram({ figures: 3, highest: 10 ** 9 });

/**
 * Opens all connections, warms up, waits for `measure` and then sends requests for the given time.
 * Every request sent in that time is waited for and counted. Throws when a response does not come.
 */
export async function runClosedLoop(
  { url, requests, connections, ...load }: ClosedLoop,
  measure: () => Promise<void>,
): Promise<TimedResult> {
  // A response belongs to the second in which it came; the last second has those that were still due.
  const bySecond = Array.from({ length: Math.ceil(load.seconds) }, newLatencies);
  let start = 0;
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
        const now = performance.now();
        const microseconds = Math.round((now - (started.get(request) ?? 0)) * 1000);
        const second = Math.min(Math.floor((now - start) / 1000), bySecond.length - 1);
        bySecond[second]?.record(Math.max(1, microseconds));
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
    if (load.warmUpSeconds > 0 || load.warmUpRequests > 0) {
      await send(async () => {
        await pause(load.warmUpSeconds * 1000);
        while (settled < load.warmUpRequests && pool.failure === null) {
          await pause(WARM_UP_CHECK_MS);
        }
      });
    }
    await measure();
    for (const latencies of bySecond) latencies.reset();
    Object.assign(counts, { ok: 0, non2xx: 0, sockets: 0 });
    start = performance.now();
    await send(() => pause(load.seconds * 1000));
    const seconds = (performance.now() - start) / 1000;
    if (pool.failure !== null) throw pool.failure;
    const all = newLatencies();
    for (const latencies of bySecond) all.add(latencies);
    const at = (percentile: number, latencies = all) =>
      percentileOrNull(percentile, latencies.count, latencies.percentile(percentile) / 1000);
    return {
      requests: counts.ok,
      seconds,
      p50: at(50),
      p90: at(90),
      p95: at(95),
      p99: at(99),
      p999: at(99.9),
      p99BySecond: bySecond.map((latencies) => at(99, latencies)),
      errors: { non2xx: counts.non2xx, sockets: counts.sockets, timeouts: 0 },
    };
  } finally {
    pool.destroy();
  }
}

/** A {@link ClosedLoop} whose bodies are the name of a file with one a line. */
export interface ClosedLoad extends Omit<ClosedLoop, "url" | "requests"> {
  readonly url: string;
  readonly bodies: string;
}

/** What the generator saw, and the share of a core it used while it was measured. */
export interface ClosedResult extends TimedResult {
  readonly clientCpu: number;
}

/** Name of the generator for reports. */
export const CLOSED_LOOP_NAME = "Sepal's closed loop on node:net";

const program = fileURLToPath(import.meta.url);

/**
 * Runs a closed loop from a process of its own. `read` is called twice: when the connections are open and
 * warm, right before the first counted request, and right after the last response.
 */
export async function runClosedLoad<Reading>(
  load: ClosedLoad,
  cores: Cores,
  read: () => Reading,
): Promise<{ before: Reading; result: ClosedResult; after: Reading }> {
  const command = [process.execPath, program, JSON.stringify(load)];
  const [file = "", ...args] = pinned(cores, command);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  const problems = text(child.stderr);
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const warm = await lines.next();
  if (warm.done !== true) {
    const before = read();
    child.stdin.write("measure\n");
    const line = await lines.next();
    const after = read();
    await closed;
    if (line.done !== true) return { before, result: JSON.parse(line.value), after };
  }
  await closed;
  throw new Error(`the client failed: ${(await problems).trim().slice(-200)}`);
}

if (import.meta.main) {
  const { bodies, ...load }: ClosedLoad = JSON.parse(process.argv[2] ?? "");
  const url = new URL(load.url);
  const started = once(process.stdin, "data");
  // The program that started this one was interrupted.
  process.stdin.once("end", () => process.exit(1));
  let before = process.cpuUsage();
  const result = await runClosedLoop(
    { ...load, url, requests: readRequests(url, bodies) },
    async () => {
      console.log("warm");
      await started;
      before = process.cpuUsage();
    },
  );
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ ...result, clientCpu: (user + system) / 1e6 / result.seconds }));
  process.stdin.destroy();
}
