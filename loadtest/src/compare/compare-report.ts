import { CLOSED_LOOP_NAME } from "../harness/closed-loop.ts";
import { errorCount } from "../harness/measure.ts";
import type { Environment, Report, ReportTable } from "../report/report.ts";
import { describeEnvironment, generatorName, sepalVersions } from "../report/environment.ts";
import { medianOf, spread } from "../harness/statistics.ts";
import type { CallTarget } from "./call-targets.ts";
import type { CompareOptions } from "./compare-options.ts";
import { CPU, intervalCell, P99, ratioOf, RATE, reading, valuesOf } from "./figures.ts";
import type { RunSample } from "./measure-run.ts";
import type { Side } from "./sides.ts";

/** Share of a core from which on the client sets the figures. */
const CLIENT_SATURATED = 0.9;
/** Share of the time from which on others took the server's core. */
const DISTURBED = 0.03;

/** A column of a table; `digits` is null for text. */
export const column = (key: string, label: string, digits: number | null, withSpread = false) => ({
  key,
  label,
  digits,
  spread: withSpread,
});

function ratioTable(samples: readonly RunSample[], targets: readonly CallTarget[]): ReportTable {
  return {
    title: "Head against base",
    note: "Medians of the pairs; the ratio is formed inside each pair, with the 95 % interval of its median in brackets.",
    columns: [
      column("target", "Target", null),
      column("figure", "Figure", null),
      column("base", "base", 2),
      column("head", "head", 2),
      column("ratio", "head / base", 3, true),
      column("reading", "Head is", null),
    ],
    rows: targets.flatMap(({ name, title }) =>
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
    ),
  };
}

const percent = (values: readonly (number | null)[]) => {
  const found = spread(values.flatMap((value) => (value === null ? [] : [value * 100])));
  return found;
};

/** Who used the cores while each side was loaded, and what that side had in memory. */
function placeTable(samples: readonly RunSample[], targets: readonly CallTarget[]): ReportTable {
  return {
    title: "Cores and memory",
    note: "Medians, extremes in brackets. Core wanted: the server's main thread was ready to run and another process had its core.",
    columns: [
      column("target", "Target", null),
      column("side", "Side", null),
      column("server", "server CPU %", 0, true),
      column("waited", "core wanted %", 1, true),
      column("client", "client CPU %", 0, true),
      column("memory", "memory MiB", 0, true),
      column("errors", "errors", 0),
    ],
    rows: targets.flatMap(({ name, title }) =>
      (["base", "head"] as const).map((side) => {
        const runs = samples.filter(({ peer, workload }) => peer === side && workload === name);
        return {
          target: title,
          side,
          server: percent(runs.map(({ serverCpu }) => serverCpu)),
          waited: percent(runs.map(({ serverWaited }) => serverWaited)),
          client: percent(runs.map(({ clientCpu }) => clientCpu)),
          memory: spread(runs.flatMap(({ residentMb }) => residentMb ?? [])),
          errors: runs.reduce((sum, run) => sum + errorCount(run.errors), 0),
        };
      }),
    ),
  };
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
): { environment: Environment; parameters: Report["parameters"] } {
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
    environment: describeEnvironment({
      placement: pinned ? placement : "not pinned: server and client on all cores",
      generators: [generator === "own" ? CLOSED_LOOP_NAME : generatorName("wrk")],
      versions: { "Sepal, head": sepalVersions() },
    }),
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
  return {
    format: 1,
    name: "compare",
    title: `${head.title} against ${base.title}`,
    summary: [
      `Base is ${base.title}, head is ${head.title}.`,
      "Each pair starts both in fresh processes and loads one at a time, target by target; in a pair the sides take turns, and the order alternates from pair to pair.",
      "A batch goes to the address and with the body that httpBatchLink of @trpc/client sends, and with the headers of the other targets.",
      ...doubts(samples),
    ],
    created_at: new Date().toISOString(),
    command,
    ...reportFrame(options, placement),
    verdicts: [],
    tables: [ratioTable(samples, targets), placeTable(samples, targets)],
    charts: [],
    missing: [...missing].map(([name, reason]) => ({ name, reason })),
    samples: samples.map(({ errors, ...sample }) => ({ ...sample, ...errors })),
  };
}
