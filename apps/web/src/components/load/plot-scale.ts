import { ticks } from "../predict/plot-frame.ts";

/** One axis of a plot. */
export interface PlotScale {
  /** Whether a value has a place: none or a negative one has none on a logarithmic scale. */
  readonly drawable: (value: number) => boolean;
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

interface PlotRange {
  readonly log: boolean;
  /** Places of the lowest and the highest value. */
  readonly from: number;
  readonly to: number;
  /** Ticks of a linear scale, about. */
  readonly count: number;
}

/** Places values between two ends; powers of ten are the ticks of a logarithmic scale, which otherwise begins at 0. */
export function plotScale(
  values: readonly number[],
  { log, from, to, count }: PlotRange,
): PlotScale {
  const drawable = (value: number) => !log || value > 0;
  const drawn = values.filter(drawable);
  const low = log ? Math.min(...drawn) : Math.min(0, ...drawn);
  const most = Math.max(...drawn);
  // Nothing but zeros stands on the axis, with room above it.
  const high = !log && most === low ? low + 1 : most;
  const project = log ? Math.log10 : (value: number) => value;
  const span = project(high) - project(low) || 1;
  const place = (value: number) => from + ((project(value) - project(low)) / span) * (to - from);
  if (!log) return { drawable, place, ticks: ticks(low, high, count) };
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += 1) {
    powers.push(10 ** power);
  }
  return { drawable, place, ticks: powers };
}

/** Which of the points of a line get a mark: all, or so few that they stand apart by `apart`. */
export function markedPoints<Point extends readonly [number, number]>(
  points: readonly Point[],
  apart: number,
): Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const before = kept.at(-1);
    if (before === undefined || Math.abs(point[0] - before[0]) >= apart) kept.push(point);
  }
  return kept;
}
