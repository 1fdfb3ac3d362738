import { SATURATED } from "../bench/bench-figures.ts";
import { ratioWithinRounds } from "../statistics/ratios.ts";
import type { Verdict } from "../report/report.ts";
import { errorCount, type Sample } from "../clients/sample.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";

/** A measured run of a server with so many processes. */
export interface WorkersRun extends Omit<Sample, "peer" | "workload"> {
  readonly workers: 1 | 2;
  /** Operating system's processes, a primary included; null where that cannot be read. */
  readonly processes: number | null;
}

const TARGET: Target = {
  figure: "two processes against one",
  must: 1.8,
  aim: 1.95,
  better: "higher",
  text: (value) => `${value.toFixed(2)}x`,
};

/** Throughput of two divided by that of one, inside each round. */
export function throughputRatio(runs: readonly WorkersRun[]) {
  const rates = (workers: number) =>
    runs
      .filter((run) => run.workers === workers)
      .map(({ round, requestsPerSecond }) => ({ round, value: requestsPerSecond }));
  return ratioWithinRounds(rates(2), rates(1));
}

/** Twice the CPU time a request of one process divided by that of two, inside each round. */
export function cpuRatio(runs: readonly WorkersRun[]) {
  const costs = (workers: number, factor: number) =>
    runs.flatMap((run) =>
      run.workers === workers && run.serverCpuMicros !== null
        ? [{ round: run.round, value: run.serverCpuMicros * factor }]
        : [],
    );
  return ratioWithinRounds(costs(1, 2), costs(2, 1));
}

function doubt(runs: readonly WorkersRun[], ownCore: boolean): string | null {
  const errors = runs.reduce((sum, run) => sum + errorCount(run.errors), 0);
  if (errors > 0) return `${errors} requests failed`;
  for (const { workers, round, serverCpu, clientCpu } of runs) {
    if (serverCpu === null || clientCpu === null) continue;
    if (ownCore && clientCpu >= SATURATED) {
      return `the client used up its core in round ${round}, WORKERS=${workers}`;
    }
    // Two processes and a client on the same two cores must use both of them up.
    const used = workers === 1 || ownCore ? serverCpu : serverCpu + clientCpu;
    if (used < SATURATED * workers) {
      return `the machine was busy otherwise: in round ${round}, WORKERS=${workers} used ${used.toFixed(2)} cores`;
    }
  }
  return null;
}

/** Judges by throughput where the client has a core of its own, else by CPU time a request. */
export function workersVerdict(runs: readonly WorkersRun[], ownCore: boolean): Verdict {
  return verdictOn(TARGET, ownCore ? throughputRatio(runs) : cpuRatio(runs), {
    reason: ownCore
      ? "by throughput, the client on a core of its own"
      : "by server CPU a request (one process / two processes x 2), because the client shares the cores of the server here",
    distrust: doubt(runs, ownCore),
  });
}
