import type { Pinning } from "../harness/host.ts";
import type { Client } from "../harness/load-generators.ts";
import { errorCount, SATURATED, type Sample } from "../harness/measure.ts";
import type { Peer, Workload } from "../harness/peers.ts";
import { pythonVersions } from "../harness/python-environment.ts";
import { rustVersions } from "../harness/rust-build.ts";
import { medianOf, percent, spread, type Spread } from "../harness/statistics.ts";
import { buildReport, generatorName, libraryVersion } from "../report/build-report.ts";
import { table } from "../report/parts.ts";
import type { BarChart, Environment, Report, ReportTable } from "../report/report.ts";
import type { BenchOptions } from "./bench-options.ts";
import { figuresOf, judge, TARGETS } from "./bench-targets.ts";

/** All measured runs, and the servers that could not be measured, each with the reason. */
export interface Measured {
  readonly samples: readonly Sample[];
  readonly missing: ReadonlyMap<string, string>;
}

const NODE_LIBRARIES = {
  Sepal: ["apps/api", ["fastify", "@trpc/server", "zod", "pino", "prom-client"]],
  "Node peers": [
    "loadtest",
    ["fastify", "@trpc/server", "trpc-to-openapi", "zod", "onnxruntime-node"],
  ],
} as const;

function versions({ peers }: BenchOptions, { samples }: Measured): Environment["versions"] {
  const node = Object.entries(NODE_LIBRARIES).map(([user, [folder, libraries]]) => [
    user,
    Object.fromEntries(libraries.map((name) => [name, libraryVersion(folder, name)])),
  ]);
  const measured = peers.filter(({ name }) => samples.some(({ peer }) => peer === name));
  const others = measured.flatMap(({ title, kind, python }) => {
    if (python !== undefined) return [[title, pythonVersions(python)]];
    return kind === "rust" ? [[title, rustVersions()]] : [];
  });
  return Object.fromEntries([...node, ...others]);
}

/** Names of the servers whose runs of single rows fit, each with the generator. */
function singlesWhere(
  { peers }: BenchOptions,
  fits: (peer: string, client: string) => boolean,
): string {
  const names = peers.flatMap(({ name, title }) =>
    ["wrk", "autocannon"].flatMap((client) => (fits(name, client) ? [`${title} (${client})`] : [])),
  );
  return names.join(", ");
}

function summary(samples: readonly Sample[], options: BenchOptions): string[] {
  const bad = samples.filter(({ errors }) => errorCount(errors) > 0);
  const saturated = singlesWhere(options, (peer, client) => {
    const runs = figuresOf(samples, client).of(peer, "single");
    return (medianOf(runs.map((run) => run.clientCpu)) ?? 0) >= SATURATED;
  });
  const disturbed = singlesWhere(options, (peer, client) =>
    figuresOf(samples, client).disturbed(peer, "single"),
  );
  return [
    "Every server runs alone, in a fresh process each round, with the same forest, the same rows and its answers checked first; medians over the rounds, extremes in brackets, ratios formed inside each round.",
    "Sepal runs with validation, metrics, access log and request ids on; the others without access log.",
    ...(saturated === ""
      ? []
      : [`The client used up its own core, so the true figure may be higher: ${saturated}.`]),
    ...(disturbed === ""
      ? []
      : [
          `Neither side used its core fully, as on a machine that is busy otherwise; do not trust: ${disturbed}.`,
        ]),
    ...(bad.length > 0 ? [`${bad.length} of ${samples.length} runs had errors.`] : []),
  ];
}

/** The floor, which copies canned bytes, would dwarf every server that computes a batch. */
function charted({ peers }: BenchOptions, { rows }: Workload): readonly Peer[] {
  return rows === 1 ? peers : peers.filter(({ kind }) => kind !== "floor");
}

const scaled = (value: Spread | null, factor: number): Spread | null =>
  value && { median: value.median * factor, min: value.min * factor, max: value.max * factor };

const CPU_SHARE =
  "CPU % of floor: server CPU a request of bare node:http divided by that of the server, inside each round.";

/** A row for each peer: throughput and CPU a request with their shares of the floor, latencies, errors and memory. */
function benchTable(
  samples: readonly Sample[],
  peers: readonly Peer[],
  workload: Workload,
  client: string,
): ReportTable {
  const figures = figuresOf(samples, client);
  const batch = workload.rows > 1;
  const rows = peers.flatMap((peer) => {
    const runs = figures.of(peer.name, workload.name);
    if (runs.length === 0) return [];
    const requests = figures.requestsPerSecond(peer.name, workload.name);
    const errors = runs.reduce((sum, run) => sum + errorCount(run.errors), 0);
    return {
      server: errors > 0 ? `${peer.title} (with errors)` : peer.title,
      requests,
      rows: requests && requests.median * workload.rows,
      share: scaled(figures.ratio(peer.name, "floor", workload.name), 100),
      p50: medianOf(runs.map((run) => run.p50)),
      p90: medianOf(runs.map((run) => run.p90)),
      p99: medianOf(runs.map((run) => run.p99)),
      p999: medianOf(runs.map((run) => run.p999)),
      errors,
      cpu: medianOf(runs.map((run) => run.serverCpuMicros)),
      cpu_share: scaled(figures.cpuRatio("floor", peer.name, workload.name), 100),
      server_use: percent(medianOf(runs.map((run) => run.serverCpu))),
      memory: medianOf(runs.map((run) => run.residentMb)),
      client: percent(medianOf(runs.map((run) => run.clientCpu))),
    };
  });
  const title = `${workload.title}, ${workload.connections} connections, ${client}`;
  const columns = [
    ["server", "Server", null],
    ["requests", "req/s", batch ? 1 : 0],
    ...(batch ? [["rows", "rows/s", 0] as const] : []),
    ["share", "req/s % of floor", 1],
    ["p50", "p50 ms", 2],
    ["p90", "p90 ms", 2],
    ["p99", "p99 ms", 2],
    ["p999", "p99.9 ms", 2],
    ["errors", "errors", 0],
    ["cpu", "CPU µs/req", batch ? 0 : 1],
    ["cpu_share", "CPU % of floor", 1],
    ["server_use", "server CPU %", 0],
    ["memory", "memory MiB", 0],
    ["client", "client CPU %", 0],
  ] as const;
  return table(title, rows, columns, CPU_SHARE);
}

const ROLES = {
  floor: "reference",
  sepal: "subject",
  node: "other",
  rust: "other",
  python: "other",
} as const;

/** A bar for each peer: requests, or rows, a second. */
function benchChart(
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

/** Builds the report of a run. */
export function benchReport(
  measured: Measured,
  options: BenchOptions,
  clients: readonly Client[],
  pinning: Pinning,
  command: string,
): Report {
  const { samples, missing } = measured;
  // The generator that costs least judges.
  const judging = clients.find(({ name }) => name === "wrk") ?? clients[0];
  const client = judging?.name ?? "";
  const figures = figuresOf(samples, client);
  return buildReport({
    name: "bench",
    title: "Sepal against its peers",
    summary: summary(samples, options),
    command,
    parameters: {
      repeats: options.repeats,
      "seconds a run": options.seconds,
      "seconds of warm-up, in two runs": options.warmUpSeconds,
    },
    placement: pinning.note,
    generators: clients.map(({ name }) => generatorName(name)),
    versions: versions(options, measured),
    verdicts: TARGETS.map((target) => judge(target, figures, missing, client)),
    tables: options.workloads.flatMap((workload) =>
      clients.map(({ name }) => benchTable(samples, options.peers, workload, name)),
    ),
    charts: options.workloads.map((workload) =>
      benchChart(samples, charted(options, workload), workload, client, missing),
    ),
    missing,
    runs: samples,
  });
}
