import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { ContractRepository } from "../harness/contract-repository.ts";
import { planPinning, residentBytesOf } from "../harness/host.ts";
import { startSepal } from "../harness/servers.ts";
import { mebibytes, quantile, spread } from "../harness/statistics.ts";
import { predictBatch } from "../harness/swap-repository.ts";
import { formatNumber } from "../report/format.ts";
import { memoryChart, table } from "../report/parts.ts";
import { verdictOn, type Target } from "../report/verdicts.ts";
import { SAMPLES, SETTLE_MS, SwapClients, swapFailureVerdict, swapMemoryVerdict } from "./swaps.ts";

/** Times that the verdicts need a contract to appear and go. */
const FULL_MOUNTS = 200;

/** The model whose requests must not notice. */
const OTHER = "iris-forest";

const SERVED: Target = {
  figure: "time until a mounted contract predicts, longest",
  must: 2000,
  aim: 1000,
  better: "lower",
  text: (value) => `${formatNumber(value)} ms`,
};

/** A contract mounted and taken away under load: failures of others, time to be served, and memory. */
export const contractSwaps = defineExperiment({
  name: "contract-swaps",
  asks: "a contract with its model that appears and goes two hundred times under load: failed requests of another model, time until it predicts, and resident memory",
  options: { mounts: [FULL_MOUNTS, "mounts"], connections: [8, "connections"], port: PORT },
  async run({ mounts, connections, port }) {
    const pinning = planPinning();
    using repository = new ContractRepository();
    // As the server is by default, so that the times are those of a user.
    await using sepal = await startSepal(port, pinning.server, {
      MODELS_DIR: repository.path,
      INFERENCE_THREADS: "1",
    });
    const { url: origin, pid } = sepal.server;
    const clients = new SwapClients(origin, OTHER, [await predictBatch(origin, OTHER)]);
    const { counts } = clients;
    const served: number[] = [];
    const gone: number[] = [];
    const takeSample = async (swaps: number) => {
      await clients.pause();
      await pause(SETTLE_MS);
      const residentBytes = residentBytesOf(pid);
      const times = counts.times.splice(0);
      console.log(
        `${swaps} mounts: ${counts.failed} failed, served after ${formatNumber(served.at(-1) ?? 0)} ms, ${mebibytes(residentBytes).toFixed(1)} MiB`,
      );
      return {
        swaps,
        residentBytes,
        requests: counts.singles + counts.batches,
        failed: counts.failed + counts.mixed,
        servedMs: quantile(served, 0.5),
        longestServedMs: quantile(served, 1),
        goneMs: quantile(gone, 0.5),
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        longest: quantile(times, 1),
      };
    };
    const runs: Awaited<ReturnType<typeof takeSample>>[] = [];
    const every = Math.max(1, Math.round(mounts / SAMPLES));
    clients.start(connections);
    try {
      for (let mount = 1; mount <= mounts; mount += 1) {
        // In flight while the routes change.
        const batch = clients.batch();
        served.push(await repository.mount(origin));
        await batch;
        gone.push(await repository.unmount(origin));
        if (mount % every !== 0 && mount !== mounts) continue;
        runs.push(await takeSample(mount));
        sepal.server.forgetOutput();
        if (mount < mounts) clients.start(connections);
      }
    } finally {
      await clients.pause();
    }
    return { runs, counts, served, placement: pinning.note, generators: ["fetch of Node"] };
  },
  title: () => "A contract mounted and taken away under load",
  summary: ({ served }) => [
    "A contract with categories and missing values, and its forest, are renamed into the model repository, and away once a row is predicted. The server looks as often as it does by default.",
    "Meanwhile clients send single predictions of iris in a closed loop, and a batch of 1,500 rows with each mount; every response is compared with the one before the first mount.",
    `Served after ${formatNumber(quantile(served, 0.5))} ms in the median, ${formatNumber(quantile(served, 1))} ms at most, counted from the rename until the first prediction.`,
  ],
  targets: ({ runs, counts, served }) => {
    const mounts = runs.at(-1)?.swaps ?? 0;
    return [
      swapFailureVerdict(counts, mounts, FULL_MOUNTS),
      verdictOn(SERVED, spread([quantile(served, 1)]), {
        reason: `median ${formatNumber(quantile(served, 0.5))} ms`,
        distrust: mounts < FULL_MOUNTS ? `only ${formatNumber(mounts)} mounts` : null,
      }),
      swapMemoryVerdict(runs, FULL_MOUNTS),
    ];
  },
  tables: ({ runs }) => [
    table(
      "Samples of the server",
      runs,
      [
        ["mounts", "mounts", 0, (run) => run.swaps],
        ["requests", "requests", 0],
        ["failed", "failed", 0],
        ["servedMs", "served after ms, median", 0],
        ["longestServedMs", "longest", 0],
        ["goneMs", "gone after ms, median", 0],
        ["p50", "p50 ms", 2],
        ["p99", "p99 ms", 2],
        ["longest", "longest ms", 1],
        ["resident", "resident MiB", 1, (run) => mebibytes(run.residentBytes)],
      ],
      "Served and gone: of all mounts so far. Milliseconds of single predictions since the sample before.",
    ),
  ],
  charts: ({ runs }) => [
    memoryChart(
      "mounts",
      runs.map((run) => [run.swaps, run.residentBytes]),
    ),
  ],
});
