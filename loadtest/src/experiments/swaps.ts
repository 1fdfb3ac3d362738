import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { planPinning, residentBytesOf } from "../harness/host.ts";
import { scrapeMetrics, sumOf } from "../harness/server-metrics.ts";
import { startSepal } from "../harness/servers.ts";
import { mebibytes, quantile, spread } from "../harness/statistics.ts";
import {
  graphOf,
  GRAPHS,
  predictBatch,
  predictSingle,
  ROWS,
  SwapRepository,
  type Graph,
  type RowPredictions,
} from "../harness/swap-repository.ts";
import { formatGrowth, formatNumber } from "../report/format.ts";
import { memoryChart, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { verdictOn, type Target } from "../report/verdicts.ts";

/** Swaps that the verdicts need. */
const FULL_SWAPS = 1000;

/** Samples of the server in the course of the experiment. */
export const SAMPLES = 40;

/** How often the server polls its repository, in milliseconds: swaps are to come fast. */
const POLL_MS = 10;

/** Time without load before a sample, for what requests leave behind to be freed. */
export const SETTLE_MS = 1000;

/** Requests, and what became of them. */
export interface SwapCounts {
  singles: number;
  batches: number;
  failed: number;
  /** Of them, without a response within ten seconds. */
  hung: number;
  /** Responses of two versions in one, or of none that there is. */
  mixed: number;
  /** Times of single predictions, in milliseconds. */
  readonly times: number[];
  readonly reasons: Set<string>;
}

/** Clients in a closed loop that check every response, until they are stopped; batches are sent one by one. */
export class SwapClients {
  readonly counts: SwapCounts = {
    singles: 0,
    batches: 0,
    failed: 0,
    hung: 0,
    mixed: 0,
    times: [],
    reasons: new Set(),
  };
  readonly #origin: string;
  readonly #model: string;
  readonly #known: readonly RowPredictions[];
  #row = 0;
  #running = false;
  #clients: Promise<unknown> = Promise.resolve();

  /** `known` are the predictions of the graphs. */
  constructor(origin: string, model: string, known: Iterable<RowPredictions>) {
    this.#origin = origin;
    this.#model = model;
    this.#known = [...known];
  }

  /** Starts clients of single predictions. */
  start(clients: number): void {
    this.#running = true;
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#loop()));
  }

  /** Sends one batch, which one version must predict, and that of `expected` where it is given. */
  async batch(expected?: RowPredictions): Promise<void> {
    await this.#counted(async () => {
      const predictions = await predictBatch(this.#origin, this.#model);
      this.counts.batches += 1;
      const right = (expected === undefined ? this.#known : [expected]).some(
        (known) =>
          known.length === predictions.length &&
          known.every((proba, row) => proba === predictions[row]),
      );
      if (!right) this.counts.mixed += 1;
    });
  }

  /** Waits for the requests in flight, and sends no more. */
  async pause(): Promise<void> {
    this.#running = false;
    await this.#clients;
  }

  async #loop(): Promise<void> {
    while (this.#running) await this.#counted(() => this.#single());
  }

  async #counted(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      this.counts.failed += 1;
      if (error instanceof Error && error.name === "TimeoutError") this.counts.hung += 1;
      this.counts.reasons.add(error instanceof Error ? error.message : String(error));
    }
  }

  async #single(): Promise<void> {
    const row = this.#row++ % ROWS.length;
    const started = performance.now();
    const { proba } = await predictSingle(this.#origin, this.#model, row);
    this.counts.times.push(performance.now() - started);
    this.counts.singles += 1;
    if (!this.#known.some((known) => known[row] === proba)) this.counts.mixed += 1;
  }
}

/** The server after so many swaps. */
export interface SwapSample {
  readonly swaps: number;
  /** Loads of the swapped model as the server counts them. */
  readonly loads: number;
  readonly residentBytes: number;
  readonly requests: number;
  readonly failed: number;
  /** Of single predictions since the sample before, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

const MEMORY: Target = {
  figure:
    "least resident memory in the last two fifths of the swaps against the median of the second",
  must: 5,
  aim: 0,
  better: "lower",
  text: formatGrowth,
};

/** Judges how much the memory grew: V8 collects late, so memory goes up and down, and what counts is how low it comes again. */
export function swapMemoryVerdict(
  samples: readonly Pick<SwapSample, "swaps" | "residentBytes">[],
  full = FULL_SWAPS,
): Verdict {
  const swaps = samples.at(-1)?.swaps ?? 0;
  const between = (from: number, to: number) =>
    samples.flatMap((sample) =>
      sample.swaps > swaps * from && sample.swaps <= swaps * to ? [sample.residentBytes] : [],
    );
  const [second, last] = [between(0.2, 0.4), between(0.6, 1)];
  if (second.length === 0 || last.length === 0) {
    const reason = "too few samples of the memory";
    return verdictOn(MEMORY, null, { reason, distrust: null });
  }
  const [early, late] = [quantile(second, 0.5), Math.min(...last)];
  const highest = Math.max(...samples.map(({ residentBytes }) => residentBytes));
  return verdictOn(MEMORY, spread([(late / early - 1) * 100]), {
    reason: `${mebibytes(early).toFixed(1)} MiB, then ${mebibytes(late).toFixed(1)} MiB; ${mebibytes(highest).toFixed(1)} MiB at most`,
    distrust: swaps < full ? `only ${formatNumber(swaps)} swaps` : null,
  });
}

/** Judges whether any request failed, hung or got predictions of two versions. */
export function swapFailureVerdict(counts: SwapCounts, swaps: number, full = FULL_SWAPS): Verdict {
  const bad = counts.failed + counts.mixed;
  const requests = counts.singles + counts.batches + counts.failed;
  const [why] = counts.reasons;
  return {
    figure: "requests that failed, hung or mixed versions",
    asked: "0",
    aim: null,
    measured: formatNumber(bad),
    verdict: bad > 0 ? "missed" : swaps < full ? "not measured" : "met",
    reason: why ?? `${formatNumber(requests)} requests through ${formatNumber(swaps)} swaps`,
  };
}

/** A thousand swaps of model versions under load: failures, latency and memory. */
export const swaps = defineExperiment({
  name: "swaps",
  asks: "a thousand swaps of model versions under load: requests that failed, hung or mixed versions, and resident memory; it settles in the first thousand, so --swaps 3000 shows more",
  options: { swaps: [FULL_SWAPS, "swaps"], connections: [8, "connections"], port: PORT },
  async run({ swaps, connections, port }) {
    const pinning = planPinning();
    using repository = new SwapRepository();
    const { model } = repository;
    await using sepal = await startSepal(port, pinning.server, {
      MODELS_DIR: repository.path,
      MODELS_POLL_MS: String(POLL_MS),
      INFERENCE_THREADS: "1",
    });
    const { url: origin, pid } = sepal.server;
    const known = new Map<Graph, RowPredictions>();
    for (const graph of GRAPHS) known.set(graph, await predictBatch(origin, graph));
    if (new Set([...known.values()].map(([first]) => first)).size !== GRAPHS.length)
      throw new Error("the graphs predict the same");

    const clients = new SwapClients(origin, model, known.values());
    const { counts } = clients;
    const runs: SwapSample[] = [];
    const takeSample = async (swap: number) => {
      await clients.pause();
      await pause(SETTLE_MS);
      const residentBytes = residentBytesOf(pid);
      const times = counts.times.splice(0);
      const loads = sumOf(await scrapeMetrics(origin), "model_loads_total", { model });
      runs.push({
        swaps: swap,
        loads,
        residentBytes,
        requests: counts.singles + counts.batches,
        failed: counts.failed + counts.mixed,
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        longest: quantile(times, 1),
      });
      const mib = mebibytes(residentBytes).toFixed(1);
      console.log(`${swap} swaps: ${loads} loads, ${counts.failed} failed, ${mib} MiB`);
    };
    const every = Math.max(1, Math.round(swaps / SAMPLES));
    clients.start(connections);
    try {
      for (let swap = 1; swap <= swaps; swap += 1) {
        const graph = graphOf(swap);
        // In flight while the versions change.
        const batch = clients.batch();
        await repository.swapTo(origin, swap % 2 === 0 ? "1" : "2", graph, known.get(graph)?.[0]);
        await batch;
        await clients.batch(known.get(graph));
        if (swap % every !== 0 && swap !== swaps) continue;
        await takeSample(swap);
        sepal.server.forgetOutput();
        if (swap < swaps) clients.start(connections);
      }
    } finally {
      await clients.pause();
    }
    return { runs, counts, placement: pinning.note, generators: ["fetch of Node"] };
  },
  title: () => "Model versions swapped under load",
  summary: () => [
    "Each swap writes other files into the version that does not serve by default, makes it the default and waits until it serves; the files of the other are the next to change. So each swap loads one inference session and frees one, in the process and in its inference thread.",
    "Meanwhile clients send single predictions in a closed loop. With each swap goes a batch of 1,500 rows to the inference thread, and another one after it that the new version must predict. Every response is compared with the predictions of the three graphs.",
    "For a sample of the memory the load pauses for a second. Nothing makes the server collect its garbage, so its memory rises for some hundred swaps and falls again.",
  ],
  targets: ({ runs, counts }) => [
    swapFailureVerdict(counts, runs.at(-1)?.swaps ?? 0),
    swapMemoryVerdict(runs),
  ],
  tables: ({ runs }) => [
    table(
      "Samples of the server",
      runs,
      [
        ["swaps", "swaps", 0],
        ["loads", "model_loads_total", 0],
        ["requests", "requests", 0],
        ["failed", "failed", 0],
        ["p50", "p50 ms", 2],
        ["p99", "p99 ms", 2],
        ["longest", "longest ms", 1],
        ["resident", "resident MiB", 1, (run) => mebibytes(run.residentBytes)],
      ],
      "Milliseconds of single predictions since the sample before, as the client saw them.",
    ),
  ],
  charts: ({ runs }) => [
    memoryChart(
      "swaps",
      runs.map((run) => [run.swaps, run.residentBytes]),
    ),
  ],
});
