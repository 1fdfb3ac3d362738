import type { ChartSpan, LineData } from "@/lib/live/chart-data.ts";

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
  /** `fromZero` is linear up to 1 and logarithmic above. */
  readonly scale: "linear" | "log" | "fromZero";
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
  /** Taller than usual. */
  readonly tall?: boolean;
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
  atLeast = 1,
}: ChartSpec): [number, number] {
  const values = [...data.lines, band?.lower ?? [], band?.upper ?? []]
    .flat()
    .filter((value): value is number => value !== null && (scale !== "log" || value > 0));
  const top = Math.max(...values, limit?.value ?? 0);
  if (scale === "linear") return [0, Math.max(top * 1.12, atLeast)];
  if (scale === "fromZero") return [0, 10 ** Math.ceil(Math.log10(Math.max(top, 10)))];
  const bottom = Math.min(...values, limit?.value ?? Infinity, 0.001);
  return [10 ** Math.floor(Math.log10(bottom)), 10 ** Math.ceil(Math.log10(top * 1.5))];
}
