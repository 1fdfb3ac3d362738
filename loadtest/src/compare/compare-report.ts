import { CLOSED_LOOP_NAME } from "../harness/closed-loop.ts";
import { errorCount } from "../harness/measure.ts";
import type { Environment, Report, ReportCell, ReportTable } from "../report/report.ts";
import { buildReport, generatorName, sepalVersions } from "../report/build-report.ts";
import {
  medianInterval,
  medianOf,
  percent,
  ratiosWithinRounds,
  spread,
  type MedianInterval,
  type RoundValue,
} from "../harness/statistics.ts";
import { table } from "../report/parts.ts";
import type { CallTarget } from "./call-targets.ts";
import type { CompareOptions } from "./compare-options.ts";
import type { RunSample } from "./measure-pairs.ts";
import type { Side } from "./sides.ts";

/** A figure of a run. */
export interface Figure {
  readonly title: string;
  readonly digits: number;
  readonly of: (sample: RunSample) => number | null;
}

/** Time of all the server's threads. */
export const CPU: Figure = {
  title: "server CPU µs/request",
  digits: 1,
  of: ({ serverCpuMicros }) => serverCpuMicros,
};

/** Throughput. */
export const RATE: Figure = {
  title: "requests/s",
  digits: 0,
  of: ({ requestsPerSecond }) => requestsPerSecond,
};

/** Latency. */
const P99: Figure = { title: "p99 ms", digits: 2, of: ({ p99 }) => p99 };

/** A figure of one side and target, of each pair that has it. */
export function valuesOf(
  samples: readonly RunSample[],
  side: Side["name"],
  target: string,
  { of }: Figure,
): RoundValue[] {
  return samples
    .filter(({ peer, workload }) => peer === side && workload === target)
    .flatMap((sample) => {
      const value = of(sample);
      return value === null ? [] : [{ round: sample.round, value }];
    });
}

/** Head divided by base inside each pair. */
export function ratioOf(
  samples: readonly RunSample[],
  target: string,
  figure: Figure,
): MedianInterval | null {
  return medianInterval(
    ratiosWithinRounds(
      valuesOf(samples, "head", target, figure),
      valuesOf(samples, "base", target, figure),
    ),
  );
}

/** A median with its interval as a cell. */
export function intervalCell(value: MedianInterval | null, factor = 1): ReportCell {
  if (value === null) return null;
  const { median, interval } = value;
  if (interval === null) return median * factor;
  return { median: median * factor, min: interval.low * factor, max: interval.high * factor };
}

/** What a ratio and its interval show of head. */
export function reading(ratio: MedianInterval | null): string {
  if (ratio === null) return "not measured";
  if (ratio.interval === null) return "too few pairs";
  if (ratio.interval.high < 1) return "lower";
  return ratio.interval.low > 1 ? "higher" : "no difference shown";
}

/** Share of a core from which on the client sets the figures. */
const CLIENT_SATURATED = 0.9;
/** Share of the time from which on others took the server's core. */
const DISTURBED = 0.03;

function ratioTable(samples: readonly RunSample[], targets: readonly CallTarget[]): ReportTable {
  const rows = targets.flatMap(({ name, title }) =>
    [CPU, RATE, P99].map((figure) => {
      const side = (side: Side["name"]) =>
        medianOf(valuesOf(samples, side, name, figure).map(({ value }) => value));
      const ratio = ratioOf(samples, name, figure);
      return {
        target: title,
        figure: figure.title,
        base: side("base"),
        head: side("head"),
        ratio: intervalCell(ratio),
        reading: reading(ratio),
      };
    }),
  );
  return table(
    "Head against base",
    rows,
    [
      ["target", "Target", null],
      ["figure", "Figure", null],
      ["base", "base", 2],
      ["head", "head", 2],
      ["ratio", "head / base", 3],
      ["reading", "Head is", null],
    ],
    "Medians of the pairs; the ratio is formed inside each pair, with the 95 % interval of its median in brackets.",
  );
}

/** What used the cores while each side was loaded, and what that side had in memory. */
function placeTable(samples: readonly RunSample[], targets: readonly CallTarget[]): ReportTable {
  const rows = targets.flatMap(({ name, title }) =>
    (["base", "head"] as const).map((side) => {
      const runs = samples.filter(({ peer, workload }) => peer === side && workload === name);
      return {
        target: title,
        side,
        server: spread(runs.map(({ serverCpu }) => percent(serverCpu))),
        waited: spread(runs.map(({ serverWaited }) => percent(serverWaited))),
        client: spread(runs.map(({ clientCpu }) => percent(clientCpu))),
        memory: spread(runs.map(({ residentMb }) => residentMb)),
        errors: runs.reduce((sum, run) => sum + errorCount(run.errors), 0),
      };
    }),
  );
  return table(
    "Cores and memory",
    rows,
    [
      ["target", "Target", null],
      ["side", "Side", null],
      ["server", "server CPU %", 0],
      ["waited", "core wanted %", 1],
      ["client", "client CPU %", 0],
      ["memory", "memory MiB", 0],
      ["errors", "errors", 0],
    ],
    "Medians, extremes in brackets. Core wanted: the server's main thread was ready to run and another process had its core.",
  );
}

/** What makes figures of these runs doubtful, one sentence each. */
export function doubts(samples: readonly RunSample[]): string[] {
  const bad = samples.filter(({ errors }) => errorCount(errors) > 0).length;
  const waited = samples.filter(({ serverWaited }) => (serverWaited ?? 0) > DISTURBED).length;
  const full = samples.filter(({ clientCpu }) => (clientCpu ?? 0) > CLIENT_SATURATED).length;
  const of = `of ${samples.length} runs`;
  return [
    ...(bad > 0 ? [`${bad} ${of} had errors.`] : []),
    ...(waited > 0
      ? [`In ${waited} ${of} other processes had the server's core for over 3 % of the time.`]
      : []),
    ...(full > 0
      ? [`In ${full} ${of} the client used up its core, so the server could have done more.`]
      : []),
  ];
}

/** The part of a report that does not depend on what was compared. */
export function reportFrame(
  { pairs, turns, seconds, warmUpSeconds, connections, conditions }: CompareOptions,
  placement: string,
): Pick<Report, "parameters"> & Pick<Environment, "placement" | "generators" | "versions"> {
  const { log, pinned, together, busyCore, requestsBefore, generator } = conditions;
  return {
    parameters: {
      pairs,
      "turns a pair": turns,
      connections,
      "seconds a run": seconds,
      "seconds of warm-up before each": warmUpSeconds,
      "requests before each": requestsBefore,
      "server output": log,
      "busy program on the server's core": busyCore,
      "other server": together ? "up, idle" : "not running",
    },
    placement: pinned ? placement : "not pinned: server and client on all cores",
    generators: [generator === "own" ? CLOSED_LOOP_NAME : generatorName("wrk")],
    versions: { "Sepal, head": sepalVersions() },
  };
}

/** Builds the report of a comparison of two sides. */
export function compareReport(
  samples: readonly RunSample[],
  missing: ReadonlyMap<string, string>,
  [base, head]: readonly [Side, Side],
  options: CompareOptions,
  placement: string,
  command: string,
): Report {
  const targets = options.targets.filter(({ name }) => !missing.has(name));
  return buildReport({
    name: "compare",
    title: `${head.title} against ${base.title}`,
    summary: [
      `Base is ${base.title}, head is ${head.title}.`,
      "Each pair starts both in fresh processes and loads one at a time, target by target; in a pair the sides take turns, and the order alternates from pair to pair.",
      "A batch goes to the address and with the body that httpBatchLink of @trpc/client sends, and with the headers of the other targets.",
      ...doubts(samples),
    ],
    command,
    ...reportFrame(options, placement),
    verdicts: [],
    tables: [ratioTable(samples, targets), placeTable(samples, targets)],
    missing,
    runs: samples,
  });
}
