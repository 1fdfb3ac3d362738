import { SATURATED } from "../bench/bench-figures.ts";
import { ratioWithinRounds } from "../statistics/ratios.ts";
import type { Verdict } from "../report/report.ts";
import { errorCount, type Sample } from "../clients/sample.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";

/** A measured run of a server with so many processes. */
export interface WorkersRun extends Omit<Sample, "peer" | "workload"> {
  readonly workers: number;
  /** Operating system's processes, a primary included; null where that cannot be read. */
  readonly processes: number | null;
}

/** Shares of what so many processes would answer if they shared nothing. */
const MUST = 0.9;
const AIM = 0.975;

function target(processes: number): Target {
  return {
    figure: `${processes} processes against one`,
    must: MUST * processes,
    aim: AIM * processes,
    better: "higher",
    text: (value) => `${value.toFixed(2)}x`,
  };
}

/** The most processes of a run. */
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
export function cpuRatio(runs: readonly WorkersRun[]) {
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

/** Judges by throughput where the client has a core of its own, else by CPU time a request. */
export function workersVerdict(runs: readonly WorkersRun[], ownCore: boolean): Verdict {
  return verdictOn(target(mostOf(runs)), ownCore ? throughputRatio(runs) : cpuRatio(runs), {
    reason: ownCore
      ? "by throughput, the client on a core of its own"
      : "by server CPU a request (of one process / of all, times their number), because the client shares the cores of the server here",
    distrust: doubt(runs, ownCore),
  });
}
