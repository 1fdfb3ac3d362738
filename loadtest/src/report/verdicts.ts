import {
  growthPercent,
  mebibytes,
  spread,
  type Point,
  type Spread,
} from "../harness/statistics.ts";
import { formatGrowth } from "./format.ts";
import type { Verdict } from "./report.ts";

/** A figure with what it must reach and what one would like. */
export interface Target {
  readonly figure: string;
  readonly must: number;
  readonly aim: number;
  readonly better: "higher" | "lower";
  readonly text: (value: number) => string;
}

/** What a verdict rests on, and why the figure cannot be trusted: null when it can. */
interface Grounds {
  readonly reason: string;
  readonly distrust: string | null;
}

/** Compares the median of a figure with its target; no verdict on what is missing or distrusted. */
export function verdictOn(target: Target, value: Spread | null, grounds: Grounds): Verdict {
  const { figure, must, aim, better, text } = target;
  const sign = better === "higher" ? ">=" : "<=";
  const asked = { figure, asked: `${sign} ${text(must)}`, aim: `${sign} ${text(aim)}` };
  const { reason, distrust } = grounds;
  if (value === null) {
    return { ...asked, measured: "–", verdict: "not measured", reason: distrust ?? reason };
  }
  const { median, min, max } = value;
  const measured = min === max ? text(median) : `${text(median)} (${text(min)} to ${text(max)})`;
  if (distrust !== null) return { ...asked, measured, verdict: "not measured", reason: distrust };
  const reaches = (limit: number) => (better === "higher" ? median >= limit : median <= limit);
  const verdict = reaches(aim) ? "aim met" : reaches(must) ? "met" : "missed";
  return { ...asked, measured, verdict, reason };
}

/** The verdict, or "missed" with this reason where there is one; "not measured" stays. */
export function missedIf(reason: string | null, verdict: Verdict): Verdict {
  return reason === null || verdict.verdict === "not measured"
    ? verdict
    : { ...verdict, verdict: "missed", reason };
}

/** Share of the time that counts as warm-up. */
export const WARM_UP = 1 / 3;

/** What a server held in memory over time. */
interface MemorySamples {
  readonly figure: string;
  /** Seconds since the load began, and bytes. */
  readonly samples: readonly Point[];
  /** How long the load lasted, in seconds. */
  readonly seconds: number;
  /** The warm-up as the reason names it. */
  readonly warmUp: string;
  /** Seconds that the growth is given for; absent, the time between the first and the last sample that count. */
  readonly over?: number;
  readonly distrust: string | null;
}

/** Judges how resident memory grows after the warm-up by its Theil-Sen slope: V8 collects late, and single samples say little. */
export function memoryGrowth({
  figure,
  samples,
  seconds,
  warmUp,
  over,
  distrust,
}: MemorySamples): Verdict {
  const warm = samples.filter(([at]) => at > seconds * WARM_UP);
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
      text: formatGrowth,
    },
    growth === null ? null : spread([growth]),
    {
      reason: `median slope of all pairs of ${warm.length} samples after ${warmUp}${sizes}`,
      distrust,
    },
  );
}
