import { failedShare, lateShare, TOO_LATE } from "../clients/offer-load.ts";
import type { OpenLoadResult } from "../clients/open-loop.ts";
import type { Verdict } from "../report/report.ts";
import { spread } from "../statistics/statistics.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";

/** What p99 at half of saturation must be. */
export const HALF_LOAD_TARGET: Target = {
  figure: "p99 at half of saturation, open loop, Poisson arrivals",
  must: 5,
  aim: 2,
  better: "lower",
  text: (value) => `${value.toFixed(2)} ms`,
};

const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

/** Judges runs at half of saturation; `distrust` says why that half may be too low, or is null. */
export function halfLoadVerdict(runs: readonly OpenLoadResult[], distrust: string | null): Verdict {
  const p99 = spread(runs.flatMap((run) => run.p99 ?? []));
  const late = Math.max(0, ...runs.map(lateShare));
  const failed = Math.max(0, ...runs.map(failedShare));
  const tooLate =
    late > TOO_LATE ? `the generator itself was late for ${percent(late)} of the requests` : null;
  const verdict = verdictOn(HALF_LOAD_TARGET, p99, {
    reason:
      runs.length === 0
        ? "not part of this run"
        : `median of ${runs.length}, ${percent(failed)} failed, ${percent(late)} sent late at worst`,
    distrust: distrust ?? tooLate,
  });
  if (failed === 0 || verdict.verdict === "not measured") return verdict;
  return { ...verdict, verdict: "missed", reason: `${percent(failed)} of the requests failed` };
}
