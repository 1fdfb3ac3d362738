import { defineExperiment, PORT } from "../experiment.ts";
import { planCores, usageOf } from "../harness/host.ts";
import { closedLoopClient } from "../harness/load-generators.ts";
import { errorCount, measure, runLoad, SATURATED, type Sample } from "../harness/measure.ts";
import { startSepal } from "../harness/servers.ts";
import { percent, ratioWithinRounds, spread } from "../harness/statistics.ts";
import { generatorName } from "../report/build-report.ts";
import { bars, table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { verdictOn } from "../report/verdicts.ts";

/** Seconds of load before those that count. */
const WARM_UP_S = 6;

/** Shares of the throughput that so many processes would have if they shared nothing. */
const MUST = 0.9;
const AIM = 0.975;

/** A measured run of a server with so many processes. */
export interface WorkersRun extends Omit<Sample, "peer" | "workload"> {
  readonly workers: number;
  /** Processes of the operating system, a primary included; null where that cannot be read. */
  readonly processes: number | null;
}

/** One server process, two, four and so on up to the most that is asked for. */
function workerCounts(most: number): number[] {
  if (most < 2)
    throw new Error("--workers is 2 or more: one process is what they are compared with");
  const counts = [1];
  for (let count = 2; count < most; count *= 2) counts.push(count);
  return [...counts, most];
}

function mostOf(runs: readonly WorkersRun[]): number {
  return Math.max(...runs.map(({ workers }) => workers));
}

/** Throughput of the most processes divided by that of one, inside each round. */
export function throughputRatio(runs: readonly WorkersRun[]) {
  const rates = (workers: number) =>
    runs
      .filter((run) => run.workers === workers)
      .map(({ round, requestsPerSecond }) => ({ round, value: requestsPerSecond }));
  return ratioWithinRounds(rates(mostOf(runs)), rates(1));
}

/** CPU time a request of one process, times the most processes, divided by that of the most, inside each round. */
function cpuRatio(runs: readonly WorkersRun[]) {
  const costs = (workers: number, factor: number) =>
    runs.flatMap((run) =>
      run.workers === workers && run.serverCpuMicros !== null
        ? [{ round: run.round, value: run.serverCpuMicros * factor }]
        : [],
    );
  const most = mostOf(runs);
  return ratioWithinRounds(costs(1, most), costs(most, 1));
}

function doubt(runs: readonly WorkersRun[], ownCore: boolean): string | null {
  const errors = runs.reduce((sum, run) => sum + errorCount(run.errors), 0);
  if (errors > 0) return `${errors} requests failed`;
  for (const { workers, round, serverCpu, clientCpu } of runs) {
    if (serverCpu === null || clientCpu === null) continue;
    if (ownCore && clientCpu >= SATURATED) {
      return `the client used up its core in round ${round}, WORKERS=${workers}`;
    }
    // Processes and a client on the same cores must use all of them up.
    const used = workers === 1 || ownCore ? serverCpu : serverCpu + clientCpu;
    if (used < SATURATED * workers) {
      return `the machine was busy otherwise: in round ${round}, WORKERS=${workers} used ${used.toFixed(2)} cores`;
    }
  }
  return null;
}

const times = (value: number) => `${value.toFixed(2)}x`;

/** Judges by throughput where the client has a core of its own, else by CPU time a request. */
export function workersVerdict(runs: readonly WorkersRun[], ownCore: boolean): Verdict {
  const processes = mostOf(runs);
  return verdictOn(
    {
      figure: `${processes} processes against one`,
      must: MUST * processes,
      aim: AIM * processes,
      better: "higher",
      text: times,
    },
    ownCore ? throughputRatio(runs) : cpuRatio(runs),
    {
      reason: ownCore
        ? "by throughput, the client on a core of its own"
        : "by server CPU a request (of one process / of all, times their number), because the client shares the cores of the server here",
      distrust: doubt(runs, ownCore),
    },
  );
}

/** One server process against several, in turn, each time in a fresh server. */
export const workers = defineExperiment({
  name: "workers",
  asks: "throughput and CPU of one server process against two, or against more, doubling up to --workers",
  options: {
    duration: [5, "seconds a run"],
    // As many for each of two processes as the other experiments give to one.
    connections: [200, "connections"],
    repeats: [3, "repeats"],
    workers: [2, "workers"],
    port: PORT,
  },
  async run({ duration: seconds, connections, repeats, workers: most, port }) {
    const counts = workerCounts(most);
    const placement = planCores(most);
    const client = closedLoopClient();
    console.log(placement.note);
    const runs: WorkersRun[] = [];
    for (let round = 1; round <= repeats; round += 1) {
      for (const workers of counts) {
        await using sepal = await startSepal(port, placement.server, { WORKERS: String(workers) });
        const load = { url: sepal.url, bodies: sepal.bodies, connections };
        await runLoad(client, { ...load, seconds: WARM_UP_S }, placement.client);
        const run = await measure(sepal.server, client, { ...load, seconds }, placement.client);
        const processes = usageOf(sepal.server.pid)?.pids.length ?? null;
        runs.push({ round, workers, processes, ...run });
        console.log(
          `round ${round} of ${repeats}, WORKERS=${workers}: ${Math.round(run.requestsPerSecond)} req/s, ` +
            `${run.serverCpuMicros?.toFixed(1) ?? "?"} µs of server CPU a request`,
        );
      }
    }
    return {
      runs,
      groups: counts.map((workers) => ({
        workers,
        label: workers === 1 ? "one process" : `${workers} processes`,
        runs: runs.filter((run) => run.workers === workers),
      })),
      ownCore: placement.client !== null,
      placement: placement.note,
      generators: [generatorName(client.name)],
    };
  },
  title: ({ workers }) => `One server process against ${workers}`,
  summary({ runs }, { connections, workers, repeats }) {
    const [byThroughput, byCpu] = [throughputRatio(runs), cpuRatio(runs)].map((ratio) =>
      ratio === null ? "not measured" : times(ratio.median),
    );
    return [
      `The same closed loop of ${connections} connections on a server with WORKERS=1 and on others with more, up to WORKERS=${workers}, in turn; ratios are formed inside each round, medians of ${repeats}.`,
      `Throughput ${byThroughput}, by server CPU a request ${byCpu}: the throughput of ${workers} processes if each had a core to itself.`,
      "CPU a request counts all processes of the server, the primary too. It cannot see waiting for locks or memory that busy cores would share.",
    ];
  },
  targets: ({ runs, ownCore }) => [workersVerdict(runs, ownCore)],
  tables: ({ groups }) => [
    table(
      "Sepal REST, one row a request",
      groups,
      [
        ["label", "server", null],
        ["rate", "req/s", 0, ({ runs }) => spread(runs.map((run) => run.requestsPerSecond))],
        [
          "cpu",
          "server CPU µs a request",
          1,
          ({ runs }) => spread(runs.map((run) => run.serverCpuMicros)),
        ],
        [
          "server",
          "server CPU %",
          0,
          ({ runs }) => spread(runs.map((run) => percent(run.serverCpu))),
        ],
        [
          "client",
          "client CPU %",
          0,
          ({ runs }) => spread(runs.map((run) => percent(run.clientCpu))),
        ],
        ["p99", "p99 ms", 2, ({ runs }) => spread(runs.map((run) => run.p99))],
        ["memory", "resident MiB", 0, ({ runs }) => spread(runs.map((run) => run.residentMb))],
        ["processes", "processes", 0, ({ runs }) => spread(runs.map((run) => run.processes))],
        ["errors", "errors", 0, ({ runs }) => spread(runs.map((run) => errorCount(run.errors)))],
      ],
      "Medians, extremes in brackets. 100 % is one core.",
    ),
  ],
  charts: ({ groups }, { workers: most }) => [
    bars(
      "Throughput",
      "requests a second, the client on the same cores unless said otherwise below",
      groups.map(({ workers, label, runs }) => ({
        label,
        role: workers === most ? "subject" : "reference",
        value: spread(runs.map((run) => run.requestsPerSecond)),
      })),
    ),
  ],
});
