import { median } from "./statistics.ts";

/** A value at a time, in any units. */
export type Point = readonly [x: number, y: number];

/** Theil-Sen slope: the median of the slopes between all pairs of points, which single outliers do not move; null with fewer than two. */
export function theilSenSlope(points: readonly Point[]): number | null {
  const slopes = points.flatMap(([x, y], index) =>
    points
      .slice(index + 1)
      .flatMap(([later, value]) => (later > x ? (value - y) / (later - x) : [])),
  );
  return slopes.length === 0 ? null : median(slopes);
}

/** Growth by the Theil-Sen slope over `length`, or the time the points span, in percent of their median; null with fewer than two. */
export function growthPercent(points: readonly Point[], length?: number): number | null {
  const slope = theilSenSlope(points);
  const first = points[0];
  const last = points.at(-1);
  if (slope === null || first === undefined || last === undefined) return null;
  const over = length ?? last[0] - first[0];
  return ((slope * over) / median(points.map(([, y]) => y))) * 100;
}
