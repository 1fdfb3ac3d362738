import { memoryChart } from "../report/memory-chart.ts";
import type { Pinning } from "../host/pinning.ts";
import type { Report, Verdict } from "../report/report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { plainColumns, scenarioReport } from "./scenario-report.ts";
import type { SwapCounts } from "../clients/swap-clients.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";
import { mebibytes } from "../statistics/mebibytes.ts";
import { spread } from "../statistics/statistics.ts";

/** What the experiment may be told. */
export type SwapsOptions = ScenarioOptions<"swaps" | "connections" | "port">;

/** A look at the server after so many swaps. */
export interface SwapPoint {
  readonly swaps: number;
  /** Loads of the swapped model as the server counts them. */
  readonly loads: number;
  readonly residentBytes: number;
  readonly requests: number;
  readonly failed: number;
  /** Of single predictions since the look before, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

/** Swaps that are asked for. */
export const FULL_SWAPS = 1000;

const MEMORY: Target = {
  figure:
    "least resident memory in the last two fifths of the swaps against the median of the second",
  must: 5,
  aim: 0,
  better: "lower",
  text: (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`,
};

const count = (value: number) => value.toLocaleString("en-US");

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Judges how much the memory grew: V8 collects late, so memory goes up and down, and what counts is how low it comes again. */
export function swapMemoryVerdict(points: readonly SwapPoint[]): Verdict {
  const swaps = points.at(-1)?.swaps ?? 0;
  const between = (from: number, to: number) =>
    points.filter((point) => point.swaps > swaps * from && point.swaps <= swaps * to);
  const [second = [], last = []] = [between(0.2, 0.4), between(0.6, 1)].map((some) =>
    some.map(({ residentBytes }) => residentBytes),
  );
  const early = middle(second);
  const late = Math.min(...last);
  if (!Number.isFinite(early + late)) {
    const reason = "too few looks at the memory";
    return verdictOn(MEMORY, null, { reason, distrust: null });
  }
  const growth = (late / early - 1) * 100;
  const highest = Math.max(...points.map(({ residentBytes }) => residentBytes));
  return verdictOn(MEMORY, spread([growth]), {
    reason: `${mebibytes(early).toFixed(1)} MiB, then ${mebibytes(late).toFixed(1)} MiB; ${mebibytes(highest).toFixed(1)} MiB at most`,
    distrust: swaps < FULL_SWAPS ? `only ${count(swaps)} swaps` : null,
  });
}

/** Judges whether any request failed, hung or was answered by two versions. */
export function swapFailureVerdict(counts: SwapCounts, swaps: number): Verdict {
  const bad = counts.failed + counts.mixed;
  const requests = counts.singles + counts.batches + counts.failed;
  const [why] = counts.reasons;
  return {
    figure: "requests that failed, hung or mixed versions",
    asked: "0",
    aim: null,
    measured: count(bad),
    verdict: bad > 0 ? "missed" : swaps < FULL_SWAPS ? "not measured" : "met",
    reason: why ?? `${count(requests)} requests through ${count(swaps)} swaps`,
  };
}

interface Measured {
  readonly points: readonly SwapPoint[];
  readonly counts: SwapCounts;
  readonly options: SwapsOptions;
  readonly pinning: Pinning;
  readonly command: string;
}

/** Builds the report of the experiment. */
export function swapsReport({ points, counts, options, pinning, command }: Measured): Report {
  const swaps = points.at(-1)?.swaps ?? 0;
  return scenarioReport({
    name: "swaps",
    title: "Model versions swapped under load",
    summary: [
      "Each swap writes other files into the version that does not answer by default, names it the default one and waits until it answers; the files of the other are the next to change. So each swap loads one inference session and frees one, in the process and in its inference thread.",
      "Meanwhile clients ask for single predictions in a closed loop. With each swap goes a batch of 1,500 rows to the inference thread, and another one after it that the new version must answer. Every answer is held against the three graphs that there are.",
      "For a look at the memory the load pauses for a second. Nothing makes the server collect its garbage, so its memory rises for some hundred swaps and falls again.",
    ],
    command,
    parameters: { swaps: options.swaps, connections: options.connections },
    placement: pinning.note,
    generators: ["fetch of Node"],
    verdicts: [swapFailureVerdict(counts, swaps), swapMemoryVerdict(points)],
    tables: [
      {
        title: "Looks at the server",
        note: "Milliseconds of single predictions since the look before, as the client saw them.",
        columns: plainColumns([
          ["swaps", "swaps", 0],
          ["loads", "model_loads_total", 0],
          ["requests", "requests", 0],
          ["failed", "failed", 0],
          ["p50", "p50 ms", 2],
          ["p99", "p99 ms", 2],
          ["longest", "longest ms", 1],
          ["resident", "resident MiB", 1],
        ]),
        rows: points.map(({ residentBytes, ...point }) => ({
          ...point,
          resident: mebibytes(residentBytes),
        })),
      },
    ],
    charts: [memoryChart({ label: "swaps", points, at: (point) => point.swaps })],
    samples: points.map((point) => ({ ...point })),
  });
}
