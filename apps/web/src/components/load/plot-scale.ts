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

/** The power of ten at or beyond a value, downwards or upwards. */
function powerBeyond(value: number, round: (power: number) => number): number {
  // A logarithm of a power of ten may miss it by a rounding error.
  return 10 ** round(Number(Math.log10(value).toFixed(9)));
}

/** Places values between two ends; a scale begins and ends at a tick: powers of ten where it is logarithmic, else from 0 on. */
export function plotScale(
  values: readonly number[],
  { log, from, to, count }: PlotRange,
): PlotScale {
  const drawable = (value: number) => !log || value > 0;
  const drawn = values.filter(drawable);
  const least = log ? powerBeyond(Math.min(...drawn), Math.floor) : Math.min(0, ...drawn);
  const most = log ? powerBeyond(Math.max(...drawn), Math.ceil) : Math.max(...drawn);
  // Nothing but zeros stands on the axis, with room above it.
  const above = most === least ? (log ? least * 10 : least + 1) : most;
  const inner = log ? [] : ticks(least, above, count);
  const step = (inner[1] ?? above) - (inner[0] ?? least);
  const low = log ? least : Math.min(least, Math.floor(least / step + 1e-9) * step);
  const high = log ? above : Math.max(above, Math.ceil(above / step - 1e-9) * step);
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
