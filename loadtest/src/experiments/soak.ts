import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { readGoldenPredictions } from "../harness/golden-rows.ts";
import { planCores, usageOf } from "../harness/host.ts";
import { Traffic, TrafficClient, type TrafficCounts } from "../harness/mixed-traffic.ts";
import { seededRandom } from "../harness/request-bodies.ts";
import { loopDelay, scrapeMetrics, sumOf } from "../harness/server-metrics.ts";
import { startSepal } from "../harness/servers.ts";
import { mebibytes, medianOf, quantile, spread } from "../harness/statistics.ts";
import { graphOf, GRAPHS, SwapRepository } from "../harness/swap-repository.ts";
import { formatNumber } from "../report/format.ts";
import { lines, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { memoryGrowth, verdictOn, WARM_UP, type Target } from "../report/verdicts.ts";

/** Windows of a soak, none longer than half a minute nor shorter than a second. */
const WINDOWS = 60;
const LONGEST_WINDOW_S = 30;

const SWAP_EVERY_MS = 5000;

/** A cold server is so slow that files pile up and are rejected; these seconds are not judged. */
const WARM_UP_MS = 5000;

/** Longest wait for the server to notice that its clients are gone, in milliseconds. */
const SETTLE_MS = 15_000;
const REST_MS = 500;

/** Rows of the table at most; the samples keep all windows. */
const TABLE_ROWS = 20;

/** The server's process and its metrics at one time. */
export interface ServerState {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Memory of buffers and other objects that the heap holds outside of itself. */
  readonly externalBytes: number;
  /** Open files, sockets among them. */
  readonly descriptors: number;
  readonly threads: number;
  /** Since its start. */
  readonly cpuSeconds: number;
  /** Event-loop delay in its last full 10 s, in milliseconds. */
  readonly loopP99: number;
  readonly loopMax: number;
  readonly loads: number;
}

/** Reads the state of a server; throws where the system has no `/proc`. */
async function readState(origin: string, pid: number): Promise<ServerState> {
  const metrics = await scrapeMetrics(origin);
  const usage = usageOf(pid);
  if (usage === null) throw new Error("a soak needs /proc, which only Linux has");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    residentBytes: usage.residentBytes,
    heapBytes: sumOf(metrics, "nodejs_heap_size_used_bytes"),
    externalBytes: sumOf(metrics, "nodejs_external_memory_bytes"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
    cpuSeconds: usage.cpuSeconds,
    loopP99: loopDelay(metrics, "0.99"),
    loopMax: loopDelay(metrics, "1"),
    loads: sumOf(metrics, "model_loads_total"),
  };
}

/** A window of the soak, and the server at its end. */
export interface SoakWindow extends ServerState {
  /** Its end, in seconds since the traffic began. */
  readonly at: number;
  /** Of single predictions in it, from when they were due, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  readonly wrong: number;
  readonly underWay: number;
  /** Share of a core the server used. */
  readonly cpu: number;
  readonly swaps: number;
}

/** What a soak measured. */
export interface Soaked {
  readonly windows: readonly SoakWindow[];
  /** Without traffic and connections: after the warm-up, and after the traffic. */
  readonly idle: { readonly before: ServerState; readonly after: ServerState };
  readonly counts: Pick<TrafficCounts, "wrong" | "reasons" | "sent">;
}

/** Shorter soaks prove nothing about slow growth. */
export const FULL_SECONDS = 1800;

const HANDLES: Target = {
  figure: "open files and threads after the traffic, beyond those before",
  must: 4,
  aim: 0,
  better: "lower",
  text: String,
};
const WRONG: Target = {
  figure: "wrong predictions, failures and requests without a response",
  must: 0,
  aim: 0,
  better: "lower",
  text: formatNumber,
};
const LOOP: Target = {
  figure: "event-loop delay: its p99 in the worst window",
  must: 25,
  aim: 10,
  better: "lower",
  text: (value) => `${value.toFixed(1)} ms`,
};

const drift = (level: string, must: number, aim: number): Target => ({
  figure: `${level} of single predictions, last third against the middle one`,
  must,
  aim,
  better: "lower",
  text: (value) => `${value.toFixed(2)} times`,
});

function third(windows: readonly SoakWindow[], from: number, to: number): SoakWindow[] {
  const end = windows.at(-1)?.at ?? 0;
  return windows.filter(({ at }) => at > end * from && at <= end * to);
}

/** Judges a soak; what is slow to show is judged only after its full length, a wrong prediction always. */
export function soakVerdicts({ windows, idle, counts }: Soaked): Verdict[] {
  const seconds = windows.at(-1)?.at ?? 0;
  const short = seconds < FULL_SECONDS * 0.99 ? `only ${seconds.toFixed(0)} s` : null;
  const warm = third(windows, WARM_UP, 1);
  const [middle, last] = [third(windows, 1 / 3, 2 / 3), third(windows, 2 / 3, 1)];
  const more = (key: "descriptors" | "threads") => idle.after[key] - idle.before[key];
  const sent = Object.values(counts.sent).reduce((sum, count) => sum + count, 0);
  const drifted = (key: "p50" | "p99", target: Target) => {
    const [early, late] = [
      medianOf(middle.map((window) => window[key])),
      medianOf(last.map((window) => window[key])),
    ];
    if (early === null || late === null) {
      return verdictOn(target, null, { reason: "too few windows", distrust: short });
    }
    const reason = `medians of windows: ${early.toFixed(2)} ms, then ${late.toFixed(2)} ms`;
    return verdictOn(target, spread([late / early]), { reason, distrust: short });
  };
  const worst = warm.toSorted((a, b) => b.loopP99 - a.loopP99)[0];
  return [
    verdictOn(WRONG, spread([counts.wrong]), {
      reason:
        counts.reasons[0] ??
        `${formatNumber(sent)} requests, each prediction compared with that of its row`,
      distrust: null,
    }),
    memoryGrowth({
      figure: "resident memory after the warm-up: growth by its Theil-Sen slope",
      samples: windows.map(({ at, residentBytes }) => [at, residentBytes]),
      seconds,
      warmUp: "the first third",
      distrust: short,
    }),
    verdictOn(HANDLES, spread([Math.max(0, more("descriptors")) + Math.max(0, more("threads"))]), {
      reason: `${idle.before.descriptors} open files and ${idle.before.threads} threads before, ${idle.after.descriptors} and ${idle.after.threads} after, no client connected`,
      distrust: null,
    }),
    drifted("p50", drift("p50", 1.25, 1.1)),
    drifted("p99", drift("p99", 1.5, 1.2)),
    verdictOn(LOOP, worst === undefined ? null : spread([worst.loopP99]), {
      reason: `windows of 10 s; longest single delay ${Math.max(0, ...warm.map(({ loopMax }) => loopMax)).toFixed(1)} ms`,
      distrust: short,
    }),
  ];
}

/** Waits until the open files no longer change, and are no more than `most` where that is given. */
async function settledState(origin: string, pid: number, most = Infinity): Promise<ServerState> {
  const end = performance.now() + SETTLE_MS;
  let before: number | null = null;
  for (;;) {
    const state = await readState(origin, pid);
    const rests = state.descriptors === before && state.descriptors <= most;
    if (rests || performance.now() > end) return state;
    before = state.descriptors;
    await pause(REST_MS);
  }
}

interface Swapping {
  readonly origin: string;
  readonly everyMs: number;
  readonly traffic: Traffic;
  /** Swaps done so far. */
  readonly swaps: { done: number };
}

/** Swaps the default model's version again and again until it is stopped. */
async function keepSwapping(
  repository: SwapRepository,
  { origin, everyMs, traffic, swaps }: Swapping,
  stop: AbortSignal,
): Promise<void> {
  for (let next = 1; !stop.aborted; next += 1) {
    try {
      await repository.swapTo(origin, next % 2 === 0 ? "1" : "2", graphOf(next));
      swaps.done = next;
    } catch (error) {
      traffic.countWrong(`swap: ${error instanceof Error ? error.message : String(error)}`);
    }
    await pause(everyMs, undefined, { signal: stop }).catch(() => {});
  }
}

/** Mixed traffic at a modest rate for a long time: what grows, drifts or goes wrong. */
export const soak = defineExperiment({
  name: "soak",
  asks: "mixed traffic through swaps, every prediction compared with that of its row: what grows, drifts or goes wrong",
  options: {
    duration: [FULL_SECONDS, "seconds"],
    rate: [1200, "requests a second"],
    connections: [64, "connections"],
    seed: [7, "seed"],
    port: PORT,
  },
  async run({ duration, rate, connections, seed, port }) {
    const pinning = planCores(2);
    using repository = new SwapRepository();
    await using sepal = await startSepal(port, pinning.server, { MODELS_DIR: repository.path });
    const { url: origin, pid } = sepal.server;
    const golden = readGoldenPredictions(GRAPHS);
    const random = seededRandom(seed);
    const client = new TrafficClient(origin, connections);
    const traffic = new Traffic({ client, golden, random }, rate);
    {
      using first = new TrafficClient(origin, connections);
      const cold = new Traffic({ client: first, golden, random }, rate);
      await cold.sendEachKind();
      cold.start();
      await pause(WARM_UP_MS);
      await cold.stop();
    }
    const before = await settledState(origin, pid);
    console.log(`${pinning.note}; ${rate} requests a second for ${duration} s`);

    const runs: SoakWindow[] = [];
    const lengthMs = Math.min(LONGEST_WINDOW_S, Math.max(1, duration / WINDOWS)) * 1000;
    const stop = new AbortController();
    const swaps = { done: 0 };
    const started = performance.now();
    traffic.start();
    const target = { origin, everyMs: Math.min(SWAP_EVERY_MS, lengthMs * 2), traffic, swaps };
    const swapping = keepSwapping(repository, target, stop.signal);
    let last = { at: 0, cpuSeconds: before.cpuSeconds };
    const { counts } = traffic;
    for (let number = 1; number * lengthMs <= duration * 1000 + 1; number += 1) {
      await pause(Math.max(0, started + number * lengthMs - performance.now()));
      const times = counts.singleTimes.splice(0);
      const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
      const underWay = traffic.inFlight;
      const state = await readState(origin, pid);
      const at = (performance.now() - started) / 1000;
      const window: SoakWindow = {
        ...state,
        at,
        underWay,
        p50,
        p99,
        requests: Object.values(counts.sent).reduce((sum, sent) => sum + sent, 0),
        wrong: counts.wrong,
        cpu: (state.cpuSeconds - last.cpuSeconds) / (at - last.at),
        swaps: swaps.done,
      };
      runs.push(window);
      last = { at, cpuSeconds: state.cpuSeconds };
      sepal.server.forgetOutput();
      console.log(
        `${at.toFixed(0)} of ${duration} s: ${window.requests} requests, ${counts.wrong} wrong, ` +
          `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${mebibytes(state.residentBytes).toFixed(1)} MiB, ` +
          `${state.descriptors} open files, ${swaps.done} swaps, CPU ${(window.cpu * 100).toFixed(0)} %`,
      );
    }
    stop.abort();
    await swapping;
    await traffic.stop();
    client[Symbol.dispose]();
    const after = await settledState(origin, pid, before.descriptors);
    return {
      runs,
      idle: { before, after },
      counts,
      placement: pinning.note,
      generators: ["node:http of Node, open loop"],
    };
  },
  title: () => "Mixed traffic over a long time",
  summary: () => [
    "Single predictions over REST and tRPC, batches of tRPC calls, batches, files, event streams and bad requests arrive as a Poisson process, while the default model is swapped between three graphs. Every prediction is compared with the trainer's own for its row; every rejection with its status and rule.",
    "Memory is judged by the Theil-Sen slope, the median of the slopes between all pairs of samples: V8 collects late, so memory goes up and down, and single samples say little. The first third is the warm-up. Open files and threads are counted without a client, before and after.",
    "Latency counts from the time a request was due and contains the work of the clients themselves, which read every response and share one thread.",
  ],
  targets: ({ runs: windows, idle, counts }) => soakVerdicts({ windows, idle, counts }),
  tables({ runs, counts }) {
    const every = Math.max(1, Math.ceil(runs.length / TABLE_ROWS));
    const shown = runs.filter((_, index) => (index + 1) % every === 0 || index === runs.length - 1);
    const kinds = Object.entries(counts.right).map(([kind, right]) => ({ kind, right }));
    return [
      table(
        "Samples of the server",
        shown,
        [
          ["at", "s", 0],
          ["requests", "requests", 0],
          ["wrong", "wrong", 0],
          ["swaps", "swaps", 0],
          ["p50", "p50 ms", 2],
          ["p99", "p99 ms", 2],
          ["cpu", "server CPU %", 0, ({ cpu }) => cpu * 100],
          ["resident", "resident MiB", 1, (window) => mebibytes(window.residentBytes)],
          ["heap", "heap MiB", 1, (window) => mebibytes(window.heapBytes)],
          ["external", "external MiB", 1, (window) => mebibytes(window.externalBytes)],
          ["descriptors", "open files", 0],
          ["threads", "threads", 0],
          ["underWay", "in flight", 0],
          ["loopP99", "loop p99 ms", 1],
          ["loopMax", "loop max ms", 1],
        ],
        `Some of ${runs.length} windows; latencies in milliseconds.`,
      ),
      table("Requests", kinds, [
        ["kind", "kind", null],
        ["sent", "sent", 0, ({ kind }) => new Map(Object.entries(counts.sent)).get(kind) ?? null],
        ["right", "right", 0],
      ]),
    ];
  },
  charts({ runs }) {
    const chart = (
      title: string,
      y: string,
      series: Readonly<Record<string, (window: SoakWindow) => number>>,
    ) =>
      lines({
        title,
        x: "seconds",
        y,
        series: Object.entries(series).map(([name, of]) => ({
          name,
          points: runs.map((window) => [window.at, of(window)]),
        })),
      });
    return [
      chart("Memory of the server", "MiB", {
        resident: (window) => mebibytes(window.residentBytes),
        "heap in use": (window) => mebibytes(window.heapBytes),
        external: (window) => mebibytes(window.externalBytes),
      }),
      chart("Latency of single predictions", "milliseconds", {
        p50: ({ p50 }) => p50,
        p99: ({ p99 }) => p99,
      }),
      chart("Open files and threads", "count", {
        "open files": ({ descriptors }) => descriptors,
        threads: ({ threads }) => threads,
        "requests in flight": ({ underWay }) => underWay,
      }),
      chart("Event-loop delay", "milliseconds", {
        p99: ({ loopP99 }) => loopP99,
        longest: ({ loopMax }) => loopMax,
      }),
    ];
  },
});
