import {
  type ChartSpan,
  drawnAt,
  lineData,
  type LineData,
  QUANTILES,
  type ShownKind,
  stepQuantiles,
} from "@/lib/live/chart-data.ts";
import { durationText } from "@/lib/format.ts";
import type { LiveTick } from "@/lib/metrics/live-tick.ts";

/** One line of a chart. */
export interface ChartLine {
  readonly name: string;
  /** A CSS colour. */
  readonly colour: string;
  /** Lengths of strokes and blanks; absent for a solid line. */
  readonly dash?: readonly number[];
  readonly width?: number;
}

/** Everything that a chart of lines shows. */
export interface ChartSpec {
  readonly title: string;
  /** What the lines are, in a sentence. */
  readonly note: string;
  readonly lines: readonly ChartLine[];
  readonly data: LineData;
  readonly span: ChartSpan;
  readonly scale: "linear" | "log";
  /** A value with its unit. */
  readonly format: (value: number) => string;
  /** A line across that means something. */
  readonly limit?: { readonly value: number; readonly label: string };
  /** An area between two more lines, such as the bucket that holds a quantile. */
  readonly band?: {
    readonly colour: string;
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
  };
  /** Least upper end of a linear scale. */
  readonly atLeast?: number;
  /** Each line stands on the one before it, and the area between them is its own. */
  readonly stacked?: boolean;
  /** Taller than usual. */
  readonly tall?: boolean;
}

/** The lines as they are drawn: of a stacked chart the sum up to each. */
export function drawnLines({
  data,
  stacked,
}: Pick<ChartSpec, "data" | "stacked">): (number | null)[][] {
  if (stacked !== true) return data.lines.map((line) => [...line]);
  const sums = data.times.map(() => 0);
  return data.lines.map((line) =>
    line.map((value, index) => {
      if (value === null) return null;
      sums[index] = (sums[index] ?? 0) + value;
      return sums[index] ?? null;
    }),
  );
}

const TIME = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** A time of day, from seconds since the epoch. */
export function timeOfDay(seconds: number): string {
  return TIME.format(seconds * 1000);
}

/** The ends of the vertical scale. */
export function verticalRange({
  data,
  scale,
  limit,
  band,
  stacked = false,
  atLeast = 1,
}: ChartSpec): [number, number] {
  const values = [...drawnLines({ data, stacked }), band?.lower ?? [], band?.upper ?? []]
    .flat()
    .filter((value): value is number => value !== null && (scale !== "log" || value > 0));
  const top = Math.max(...values, limit?.value ?? 0);
  if (scale === "linear") return [0, Math.max(top * 1.12, atLeast)];
  const bottom = Math.min(...values, limit?.value ?? Infinity, 0.001);
  return [10 ** Math.floor(Math.log10(bottom)), 10 ** Math.ceil(Math.log10(top * 1.5))];
}

const COLOURS = [
  "var(--class-4)",
  "var(--class-2)",
  "var(--class-0)",
  "var(--class-1)",
  "var(--class-3)",
];
const DASHES = [undefined, [8, 4], [2, 3], [10, 3, 2, 3]] as const;
/** Targets of latency and throughput. */
export const LIMITS = { latency: 0.1, rate: 500 } as const;

const rate = (value: number) =>
  `${value >= 100 ? Math.round(value) : Number(value.toPrecision(2))}/s`;
const plain = (value: number) => String(Number(value.toPrecision(3)));

function styled(names: readonly string[]): ChartLine[] {
  return names.map((name, index) => {
    const dash = DASHES[index % DASHES.length];
    const colour = COLOURS[index % COLOURS.length] ?? "var(--iris)";
    return { name, colour, ...(dash === undefined ? {} : { dash }) };
  });
}

/** Every key of a count over all steps, in order. */
function keysOf(
  { steps }: ChartSpan,
  countsOf: (step: LiveTick) => Readonly<Record<string, number>>,
): string[] {
  return [...new Set(steps.flatMap((step) => Object.keys(countsOf(step))))].toSorted();
}

/** Percentiles of the durations, with the bucket that holds p99. */
export function latencySpec(
  span: ChartSpan,
  kind: ShownKind,
  bounds: readonly number[],
): ChartSpec {
  const at = (step: LiveTick) => stepQuantiles(step, kind, bounds);
  const edges = lineData(
    span,
    (step) => {
      const p99 = at(step)[2] ?? null;
      return p99 === null ? [null, null] : [p99.lower, p99.kind === "within" ? p99.upper : null];
    },
    2,
  );
  return {
    title: "Response time",
    note: "Percentiles of the durations; the shaded band is the bucket that holds p99.",
    lines: [
      { name: QUANTILES[0].name, colour: "var(--class-2)", dash: [2, 3] },
      { name: QUANTILES[1].name, colour: "var(--class-4)", dash: [8, 4] },
      { name: QUANTILES[2].name, colour: "var(--iris)", width: 2.25 },
    ],
    data: lineData(span, (step) => at(step).map(drawnAt), QUANTILES.length),
    span,
    scale: "log",
    format: durationText,
    limit: { value: LIMITS.latency, label: "100 ms target" },
    band: {
      colour: "color-mix(in oklab, var(--iris) 15%, transparent)",
      // A logarithmic scale has no 0.
      lower: (edges.lines[0] ?? []).map((value) => (value === 0 ? 1e-5 : value)),
      upper: edges.lines[1] ?? [],
    },
    tall: true,
  };
}

function ratesSpec(
  span: ChartSpan,
  countsOf: (step: LiveTick) => Readonly<Record<string, number>>,
  names: readonly string[],
): Pick<ChartSpec, "data" | "span" | "scale" | "format" | "lines"> {
  const data = lineData(
    span,
    (step) => names.map((name) => (countsOf(step)[name] ?? 0) / step.seconds),
    names.length,
  );
  return { data, span, scale: "linear", format: rate, lines: styled(names) };
}

/** Single predictions a second, by model. */
export function requestsSpec(span: ChartSpan): ChartSpec {
  const names = keysOf(span, ({ singles }) => singles);
  return {
    ...ratesSpec(span, ({ singles }) => singles, names),
    title: "Single predictions",
    note: "Requests a second, the models stacked on each other.",
    stacked: true,
    limit: { value: LIMITS.rate, label: "500/s target" },
  };
}

/** Rows per second, by path. */
export function rowsSpec(span: ChartSpan): ChartSpec {
  const names = keysOf(span, ({ rows }) => rows);
  return {
    ...ratesSpec(span, ({ rows }) => rows, names),
    title: "Rows",
    note: "Rows predicted per second, by path: singles, batches, and batches on worker threads.",
    atLeast: 10,
  };
}

/** Requests that failed, by status. */
export function errorsSpec(span: ChartSpan): ChartSpec {
  const names = ["4xx", "5xx"];
  return {
    ...ratesSpec(span, ({ statuses }) => statuses, names),
    title: "Errors",
    note: "Requests a second that were rejected (4xx) or failed (5xx).",
    lines: [
      { name: "4xx", colour: "var(--amber)" },
      { name: "5xx", colour: "var(--rose)", dash: [8, 4] },
    ],
  };
}

/** Rows waiting, and how many rows ran together. */
export function queueSpec(span: ChartSpan): ChartSpec {
  const valuesOf = ({ queueRows, executions, executedRows }: LiveTick) => [
    queueRows,
    executions === 0 ? null : executedRows / executions,
  ];
  return {
    title: "Queue and micro-batches",
    note: "Rows waiting or running at the scrape, and single rows that shared an execution.",
    lines: styled(["in the queue", "rows an execution"]),
    data: lineData(span, valuesOf, 2),
    span,
    scale: "linear",
    format: plain,
    atLeast: 4,
  };
}

/** How late the event loop came. */
export function eventLoopSpec(span: ChartSpan): ChartSpec {
  const valuesOf = ({ eventLoop }: LiveTick) =>
    eventLoop === null ? [null, null, null] : [eventLoop.p50, eventLoop.p99, eventLoop.max];
  return {
    title: "Event-loop delay",
    note: "How much later than due the server's timers ran.",
    lines: styled(["p50", "p99", "longest"]),
    data: lineData(span, valuesOf, 3),
    span,
    scale: "linear",
    format: durationText,
    atLeast: 0.01,
  };
}
