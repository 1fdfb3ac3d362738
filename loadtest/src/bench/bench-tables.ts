import { figuresOf } from "./bench-figures.ts";
import type { Peer, Workload } from "../harness/peers.ts";
import type { BarChart, ReportTable } from "../report/report.ts";
import { errorCount, type Sample } from "../harness/measure.ts";
import { medianOf, spread, type Spread } from "../harness/statistics.ts";

const column = (key: string, label: string, digits: number | null, withSpread = false) => ({
  key,
  label,
  digits,
  spread: withSpread,
});

const scaled = (value: Spread | null, factor: number): Spread | null =>
  value && { median: value.median * factor, min: value.min * factor, max: value.max * factor };

const asPercent = (share: number | null) => (share === null ? null : share * 100);

/** A row for each peer: throughput with spread, share of the floor, latencies, errors and cost. */
export function benchTable(
  samples: readonly Sample[],
  peers: readonly Peer[],
  workload: Workload,
  client: string,
): ReportTable {
  const figures = figuresOf(samples, client);
  const batch = workload.rows > 1;
  const perSecond = batch ? 1 : 0;
  return {
    title: `${workload.title}, ${workload.connections} connections, ${client}`,
    note: null,
    columns: [
      column("server", "Server", null),
      column("requests", "req/s", perSecond, true),
      ...(batch ? [column("rows", "rows/s", 0)] : []),
      column("share", "% of floor", 1, true),
      column("p50", "p50 ms", 2),
      column("p90", "p90 ms", 2),
      column("p99", "p99 ms", 2),
      column("p999", "p99.9 ms", 2),
      column("errors", "errors", 0),
      column("cpu", "CPU µs/req", batch ? 0 : 1),
      column("server_use", "server CPU %", 0),
      column("memory", "memory MiB", 0),
      column("client", "client CPU %", 0),
    ],
    rows: peers.flatMap((peer) => {
      const runs = figures.of(peer.name, workload.name);
      if (runs.length === 0) return [];
      const rate = figures.requestsPerSecond(peer.name, workload.name);
      const errors = runs.reduce((sum, run) => sum + errorCount(run.errors), 0);
      return {
        server: errors > 0 ? `${peer.title} (with errors)` : peer.title,
        requests: rate,
        rows: scaled(rate, workload.rows),
        share: scaled(figures.ratio(peer.name, "floor", workload.name), 100),
        p50: medianOf(runs.map((run) => run.p50)),
        p90: medianOf(runs.map((run) => run.p90)),
        p99: medianOf(runs.map((run) => run.p99)),
        p999: medianOf(runs.map((run) => run.p999)),
        errors,
        cpu: medianOf(runs.map((run) => run.serverCpuMicros)),
        server_use: asPercent(medianOf(runs.map((run) => run.serverCpu))),
        memory: medianOf(runs.map((run) => run.residentMb)),
        client: asPercent(medianOf(runs.map((run) => run.clientCpu))),
      };
    }),
  };
}

const ROLES = { floor: "reference", sepal: "subject", node: "other", python: "other" } as const;

/** A bar for each peer: requests, or rows, a second. */
export function benchChart(
  samples: readonly Sample[],
  peers: readonly Peer[],
  workload: Workload,
  client: string,
  missing: ReadonlyMap<string, string>,
): BarChart {
  const figures = figuresOf(samples, client);
  return {
    kind: "bars",
    title: workload.title,
    unit: `${workload.rows > 1 ? "rows" : "requests"} a second, one core for the server, ${workload.connections} connections, ${client}; p99 on the right`,
    bars: peers.map((peer) => {
      const rate = figures.requestsPerSecond(peer.name, workload.name);
      const p99 = spread(
        figures.of(peer.name, workload.name).flatMap((run) => (run.p99 === null ? [] : [run.p99])),
      );
      return {
        label: peer.title,
        role: ROLES[peer.kind],
        value: scaled(rate, workload.rows),
        note:
          rate === null
            ? missing.has(peer.name)
              ? "missing"
              : "not measured"
            : p99 === null
              ? ""
              : `p99 ${p99.median < 100 ? p99.median.toFixed(1) : p99.median.toFixed(0)} ms`,
      };
    }),
  };
}
