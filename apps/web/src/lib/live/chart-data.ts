import { quantile, type Quantile } from "@sepal/schema/prometheus-text";
import type { LiveTick } from "../metrics/live-tick.ts";
import { isGap, latencyCounts, mergeIntoSteps } from "../metrics/merge-ticks.ts";
import type { KINDS } from "./address.ts";

/** Whose durations are shown. */
export type ShownKind = (typeof KINDS)[number];

/** Quantiles that the view shows. */
export const QUANTILES = [
  { name: "p50", q: 0.5 },
  { name: "p95", q: 0.95 },
  { name: "p99", q: 0.99 },
] as const;

/** The spans of a window, oldest first, with gaps where nothing was scraped. */
export interface ChartSpan {
  readonly steps: readonly LiveTick[];
  /** Edges of the window, in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** Seconds that one point stands for, by minutes of the window. */
function stepSeconds(minutes: number): number {
  return minutes <= 1 ? 1 : minutes <= 5 ? 5 : 15;
}

/** What is shown of all ticks at a time. */
export function spanOf(ticks: readonly LiveTick[], now: number, minutes: number): ChartSpan {
  const from = now - minutes * 60_000;
  const shown = ticks.filter(({ at }) => at > from);
  return { steps: mergeIntoSteps(shown, stepSeconds(minutes)), from, to: now };
}

/** Values of a line by time; `null` where nothing is known. */
export interface LineData {
  /** In seconds since the epoch. */
  readonly times: readonly number[];
  readonly lines: readonly (readonly (number | null)[])[];
}

/** One value a step and line; a gap between steps breaks every line. */
export function lineData(
  { steps }: ChartSpan,
  valuesOf: (step: LiveTick) => readonly (number | null)[],
  lines: number,
): LineData {
  const times: number[] = [];
  const values: (number | null)[][] = Array.from({ length: lines }, () => []);
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    if (before !== undefined && isGap(before, step)) {
      times.push((before.at + 1) / 1000);
      for (const line of values) line.push(null);
    }
    times.push(step.at / 1000);
    const own = valuesOf(step);
    for (const [line, each] of values.entries()) each.push(own[line] ?? null);
  }
  return { times, lines: values };
}

/** The quantiles of one step's durations, in seconds. */
export function stepQuantiles(
  step: LiveTick,
  kind: ShownKind,
  bounds: readonly number[],
): (Quantile | null)[] {
  const counts = latencyCounts(step, kind, bounds.length + 1);
  return QUANTILES.map(({ q }) => quantile(q, { bounds, counts }));
}

/** Where a quantile is drawn: a rank beyond the last bound stands on that bound. */
export function drawnAt(found: Quantile | null): number | null {
  if (found === null) return null;
  return found.kind === "within" ? found.value : found.lower;
}
