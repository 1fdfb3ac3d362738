import { setTimeout as pause } from "node:timers/promises";
import { planPinning } from "../host/pinning.ts";
import { usageOf } from "../host/process-usage.ts";
import { sumOf } from "../statistics/prometheus-text.ts";
import type { Report } from "../report/report.ts";
import { startSepal } from "../servers/sepal-server.ts";
import { scrapeMetrics } from "../servers/server-metrics.ts";
import { askBatch, askSingle, SwapClients } from "../clients/swap-clients.ts";
import { graphOf, SwapRepository, type Graph } from "../servers/swap-repository.ts";
import { swapsReport, type SwapPoint, type SwapsOptions } from "./swaps-report.ts";
import { mebibytes } from "../statistics/mebibytes.ts";
import { quantile } from "../statistics/statistics.ts";

/** Looks at the server in the course of the experiment. */
const LOOKS = 40;

/** How often the server looks at its repository, in milliseconds: swaps are to come fast. */
const POLL_MS = 10;

/** Time without load before a look, for what requests leave behind to be given back. */
const SETTLE_MS = 1000;

/** A swap that takes longer has failed, in milliseconds. */
const SWAP_LIMIT_MS = 30_000;

/** A thousand swaps of model versions under load: failures, latency and memory. */
export async function runSwaps(options: SwapsOptions, command: string): Promise<Report> {
  const { swaps, connections, port } = options;
  const pinning = planPinning();
  using repository = new SwapRepository();
  const { model } = repository;
  await using sepal = await startSepal(port, pinning.server, {
    MODELS_DIR: repository.path,
    MODELS_POLL_MS: String(POLL_MS),
    INFERENCE_THREADS: "1",
  });
  const { url: origin, pid } = sepal.server;
  const graphs: Graph[] = [0, 1, 2].map(graphOf);
  const known = new Map<Graph, readonly string[]>();
  for (const graph of graphs) known.set(graph, await askBatch(origin, graph));
  if (new Set([...known.values()].map(([first]) => first)).size !== graphs.length)
    throw new Error("the graphs answer alike");

  const clients = new SwapClients(origin, model, known.values());
  const points: SwapPoint[] = [];
  const look = async (swap: number) => {
    await clients.pause();
    await pause(SETTLE_MS);
    const usage = usageOf(pid);
    if (usage === null) throw new Error("this system does not tell the memory of a process");
    const { counts } = clients;
    const times = counts.times.splice(0).toSorted((a, b) => a - b);
    const loads = sumOf(await scrapeMetrics(origin), "model_loads_total", { model });
    points.push({
      swaps: swap,
      loads,
      residentBytes: usage.residentBytes,
      requests: counts.singles + counts.batches,
      failed: counts.failed + counts.mixed,
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      longest: times.at(-1) ?? 0,
    });
    const mib = mebibytes(usage.residentBytes).toFixed(1);
    console.log(`${swap} swaps: ${loads} loads, ${counts.failed} failed, ${mib} MiB`);
  };
  const swapTo = async (version: string, graph: Graph) => {
    // On its way while the versions change.
    const batch = clients.batch();
    repository.writeVersion(version, graph);
    repository.setDefault(version);
    const end = performance.now() + SWAP_LIMIT_MS;
    for (;;) {
      const answer = await askSingle(origin, model);
      if (answer.version === version && answer.proba === known.get(graph)?.[0]) break;
      if (performance.now() > end) throw new Error(`version ${version} never answered`);
      await pause(POLL_MS);
    }
    await batch;
    await clients.batch(known.get(graph));
  };

  const every = Math.max(1, Math.round(swaps / LOOKS));
  clients.start(connections);
  try {
    for (let swap = 1; swap <= swaps; swap += 1) {
      await swapTo(swap % 2 === 0 ? "1" : "2", graphOf(swap));
      if (swap % every !== 0 && swap !== swaps) continue;
      await look(swap);
      sepal.server.forgetOutput();
      if (swap < swaps) clients.start(connections);
    }
  } finally {
    await clients.pause();
  }
  return swapsReport({ points, counts: clients.counts, options, pinning, command });
}
