import { figuresOf } from "./bench-figures.ts";
import type { BenchOptions } from "./bench-options.ts";
import { benchChart, benchTable } from "./bench-tables.ts";
import { judge, TARGETS } from "./bench-targets.ts";
import type { Client } from "../harness/load-generators.ts";
import { describeEnvironment, generatorName, libraryVersion } from "../report/environment.ts";
import type { Peer, Workload } from "../harness/peers.ts";
import type { Pinning } from "../harness/host.ts";
import { pythonVersions } from "../harness/python-environment.ts";
import type { Environment, Report } from "../report/report.ts";
import type { Measured } from "./rounds.ts";
import { errorCount, SATURATED, type Sample } from "../harness/measure.ts";
import { medianOf } from "../harness/statistics.ts";

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
  const python = peers.flatMap(({ name, title, python }) =>
    python === undefined || !samples.some(({ peer }) => peer === name)
      ? []
      : [[title, pythonVersions(python)]],
  );
  return Object.fromEntries([...node, ...python]);
}

function flat({ errors, ...sample }: Sample): Report["samples"][number] {
  return { ...sample, ...errors };
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
  return {
    format: 1,
    name: "bench",
    title: "Sepal against its peers",
    summary: summary(samples, options),
    created_at: new Date().toISOString(),
    command,
    parameters: {
      repeats: options.repeats,
      "seconds a run": options.seconds,
      "seconds of warm-up, in two runs": options.warmUpSeconds,
    },
    environment: describeEnvironment({
      placement: pinning.note,
      generators: clients.map(({ name }) => generatorName(name)),
      versions: versions(options, measured),
    }),
    verdicts: TARGETS.map((target) => judge(target, figures, missing, client)),
    tables: options.workloads.flatMap((workload) =>
      clients.map(({ name }) => benchTable(samples, options.peers, workload, name)),
    ),
    charts: options.workloads.map((workload) =>
      benchChart(samples, charted(options, workload), workload, client, missing),
    ),
    missing: [...missing].map(([name, reason]) => ({ name, reason })),
    samples: samples.map(flat),
  };
}
