import { mebibytes } from "../statistics/mebibytes.ts";
import { spread } from "../statistics/statistics.ts";
import { growthPercent, type Point } from "../statistics/trend.ts";
import type { Verdict } from "./report.ts";
import { verdictOn } from "./verdict-on.ts";

/** Share of the time that counts as warm-up. */
export const WARM_UP = 1 / 3;

/** What a server held in memory over time. */
interface MemoryLooks {
  readonly figure: string;
  /** Seconds since the load began and bytes, at each look. */
  readonly looks: readonly Point[];
  /** How long the load lasted, in seconds. */
  readonly seconds: number;
  /** How the reason tells of the warm-up. */
  readonly warmUp: string;
  /** Seconds that the growth is told for; absent, the time between the first and the last look that count. */
  readonly over?: number;
  readonly distrust: string | null;
}

/** Judges how resident memory grows after the warm-up by its Theil-Sen slope: V8 collects late, and single looks say little. */
export function memoryGrowth({
  figure,
  looks,
  seconds,
  warmUp,
  over,
  distrust,
}: MemoryLooks): Verdict {
  const warm = looks.filter(([at]) => at > seconds * WARM_UP);
  const growth = growthPercent(warm, over);
  const size = spread(warm.map(([, bytes]) => mebibytes(bytes)));
  const sizes =
    size === null
      ? ""
      : `; ${size.min.toFixed(1)} to ${size.max.toFixed(1)} MiB, median ${size.median.toFixed(1)}`;
  return verdictOn(
    {
      figure,
      must: 5,
      aim: 1,
      better: "lower",
      text: (value) => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`,
    },
    growth === null ? null : spread([growth]),
    {
      reason: `median slope of all pairs of ${warm.length} looks after ${warmUp}${sizes}`,
      distrust,
    },
  );
}
