import { setTimeout as pause } from "node:timers/promises";
import { defineExperiment, PORT } from "../experiment.ts";
import { planPinning, residentBytesOf } from "../harness/host.ts";
import { closedLoopClient } from "../harness/load-generators.ts";
import { measure } from "../harness/measure.ts";
import { mixedBodies } from "../harness/request-bodies.ts";
import { requestsOf, scrapeMetrics } from "../harness/server-metrics.ts";
import { startSepal } from "../harness/servers.ts";
import { mebibytes, spread } from "../harness/statistics.ts";
import { generatorName } from "../report/build-report.ts";
import { formatGrowth, formatNumber } from "../report/format.ts";
import { memoryChart, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { verdictOn, type Target } from "../report/verdicts.ts";

/** Requests from which the memory counts, and those that the verdict needs. */
const BASE_REQUESTS = 100_000;
const FULL_REQUESTS = 5_000_000;

/** Seconds of load between two samples of the memory; shorter until the first that counts. */
const CHUNK_S = 10;
const FIRST_CHUNK_S = 1;

/** Time without load before a sample, for what a request leaves behind to be freed. */
const SETTLE_MS = 1000;

/** The memory of the server after so many requests. */
export interface MemorySample {
  readonly requests: number;
  /** Of them, rejected as they should be. */
  readonly refused: number;
  readonly residentBytes: number;
  /** Requests since the sample before that lost their connection or got no response. */
  readonly lost: number;
}

const TARGET: Target = {
  figure: "resident memory after 5 million requests against after 100 thousand",
  must: 5,
  aim: 0,
  better: "lower",
  text: formatGrowth,
};

/** Judges how much the memory grew from the first sample past the base to the last. */
export function memoryVerdict(samples: readonly MemorySample[]): Verdict {
  const base = samples.find(({ requests }) => requests >= BASE_REQUESTS);
  const last = samples.at(-1);
  if (base === undefined || last === undefined || last === base) {
    const reason = `fewer than two samples past ${formatNumber(BASE_REQUESTS)} requests`;
    return verdictOn(TARGET, null, { reason, distrust: null });
  }
  const growth = (last.residentBytes / base.residentBytes - 1) * 100;
  const lost = samples.reduce((sum, sample) => sum + sample.lost, 0);
  const short =
    last.requests < FULL_REQUESTS ? `only ${formatNumber(last.requests)} requests` : null;
  return verdictOn(TARGET, spread([growth]), {
    reason: `${mebibytes(base.residentBytes).toFixed(1)} MiB after ${formatNumber(base.requests)} requests, ${mebibytes(last.residentBytes).toFixed(1)} MiB after ${formatNumber(last.requests)}`,
    distrust: lost > 0 ? `${lost} requests were lost` : short,
  });
}

/** Resident memory of one server process over many requests. */
export const memory = defineExperiment({
  name: "memory",
  asks: "resident memory after 5 million requests against after 100 thousand",
  options: {
    requests: [FULL_REQUESTS, "requests"],
    connections: [100, "connections"],
    port: PORT,
  },
  async run({ requests: wanted, connections, port }) {
    const pinning = planPinning();
    await using sepal = await startSepal(port, pinning.server);
    const client = closedLoopClient();
    const bodies = mixedBodies(sepal.bodies);
    console.log(`${pinning.note}; until ${formatNumber(wanted)} requests`);
    const runs: MemorySample[] = [];
    let sent = 0;
    while (sent < wanted) {
      const seconds = sent < BASE_REQUESTS ? FIRST_CHUNK_S : CHUNK_S;
      const load = { url: sepal.url, bodies, connections, seconds };
      const { errors } = await measure(sepal.server, client, load, pinning.client);
      await pause(SETTLE_MS);
      const residentBytes = residentBytesOf(sepal.server.pid);
      const metrics = await scrapeMetrics(sepal.server.url);
      const requests = requestsOf(metrics, "/predict");
      if (requests === sent) throw new Error("the server sent no response");
      const refused = requestsOf(metrics, "/predict", "4xx");
      runs.push({ requests, refused, residentBytes, lost: errors.sockets + errors.timeouts });
      sent = requests;
      const share = Math.min(100, (sent / wanted) * 100);
      console.log(
        `${formatNumber(sent)} requests (${share.toFixed(0)} %): ${mebibytes(residentBytes).toFixed(1)} MiB`,
      );
    }
    return { runs, placement: pinning.note, generators: [generatorName(client.name)] };
  },
  title: () => "Resident memory over millions of requests",
  summary: () => [
    "Single predictions in a closed loop, one in a hundred of them rejected with 422; at intervals the load pauses, and after a second without load VmRSS of the server's process is read.",
    "Nothing makes the server collect its garbage: a sample may fall before or after a collection, so single samples differ. The chart shows all of them.",
  ],
  targets: ({ runs }) => [memoryVerdict(runs)],
  tables: ({ runs }) => [
    table(
      "Memory samples",
      runs,
      [
        ["requests", "requests", 0],
        ["refused", "422", 0],
        ["resident", "resident MiB", 1, (run) => mebibytes(run.residentBytes)],
        ["lost", "lost", 0],
      ],
      "Requests as the server counted them.",
    ),
  ],
  charts: ({ runs }) => [
    memoryChart(
      "requests",
      runs.map((run) => [run.requests, run.residentBytes]),
    ),
  ],
});
