import type { Verdict } from "./report.ts";
import type { Spread } from "../statistics/statistics.ts";

/** A figure with what it must reach and what one would like. */
export interface Target {
  readonly figure: string;
  readonly must: number;
  readonly aim: number;
  readonly better: "higher" | "lower";
  readonly text: (value: number) => string;
}

/** What speaks for a figure, and what forbids to trust it: null when nothing does. */
export interface Grounds {
  readonly reason: string;
  readonly distrust: string | null;
}

/** Holds the median of a figure against its target; no verdict on what is missing or distrusted. */
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
