import { lateShare, TOO_LATE, type OfferedResult } from "../clients/offer-load.ts";
import type { Refusals } from "../clients/refusal-probe.ts";
import { errorCount } from "../clients/sample.ts";
import type { Verdict } from "../report/report.ts";
import { memoryGrowth, WARM_UP } from "../report/memory-growth.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";
import { spread } from "../statistics/statistics.ts";
import type { Point } from "../statistics/trend.ts";

/** A look: some seconds at one rate; the first is that at 80 % of saturation. */
export interface OverloadPoint extends OfferedResult {
  readonly share: number;
  /** Requests a second. */
  readonly offered: number;
  readonly seconds: number;
  readonly residentBytes: number | null;
}

interface Overload {
  readonly points: readonly OverloadPoint[];
  readonly refusals: Refusals;
  /** Why the saturation is in doubt, or null. */
  readonly distrust: string | null;
}

/** Seconds of overload that the bound on memory is for; shorter ones prove nothing about slow growth. */
const FULL_SECONDS = 600;

/** Most looks that may be left out of the p99, as a share. */
const MOST_LEFT_OUT = 0.1;

const SLOWDOWN: Target = {
  figure: "p99 of the accepted at twice saturation against that at 80 %",
  must: 3,
  aim: 2,
  better: "lower",
  text: (value) => `${value.toFixed(2)} times`,
};
const MALFORMED: Target = {
  figure: "refusals that were no well-formed 503, and requests that got no answer",
  must: 0,
  aim: 0,
  better: "lower",
  text: (value) => String(value),
};

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function sum(points: readonly OverloadPoint[], of: (point: OverloadPoint) => number): number {
  return points.reduce((total, point) => total + of(point), 0);
}

/** Shares that the generator sent late at 80 % and in the whole overload, and how many of its looks were late. */
interface Lateness {
  readonly below80: number;
  readonly whole: number;
  readonly late: number;
  readonly looks: number;
}

/** Why the generator's own lateness forbids to trust what was measured, or null. */
function lateness({ below80, whole, late, looks }: Lateness): string | null {
  const generator = "the generator itself was late";
  if (below80 > TOO_LATE) return `${generator} for ${percent(below80)} at 80 %`;
  if (whole > TOO_LATE) return `${generator} for ${percent(whole)} of all requests`;
  if (late > looks * MOST_LEFT_OUT) return `${generator} in ${late} of ${looks} looks`;
  return null;
}

/** The p99 of each look on time against that at 80 %; the generator's lateness is judged over all requests. */
function slowdownVerdict([below, ...beyond]: Overload["points"], distrust: string | null): Verdict {
  const ratios = (looks: readonly OverloadPoint[]) =>
    spread(looks.flatMap(({ p99 }) => (p99 === null || !below?.p99 ? [] : p99 / below.p99)));
  const onTime = beyond.filter((point) => lateShare(point) <= TOO_LATE);
  const late = beyond.length - onTime.length;
  const worst = Math.max(0, ...beyond.map(lateShare));
  const due = sum(beyond, (point) => point.due);
  const whole = lateShare({ due, late: sum(beyond, (point) => point.late) });
  const below80 = below === undefined ? 0 : lateShare(below);
  const refused = percent(sum(beyond, (point) => point.refused) / Math.max(1, due));
  const all = ratios(beyond);
  const leftOut =
    late === 0
      ? ""
      : `; ${late} of ${beyond.length} looks left out, sent late for up to ${percent(worst)}, with them ${all === null ? "–" : `${SLOWDOWN.text(all.median)} (to ${SLOWDOWN.text(all.max)})`}`;
  return verdictOn(SLOWDOWN, ratios(onTime), {
    reason: `${refused} refused; ${percent(whole)} of all sent late${leftOut}`,
    distrust: distrust ?? lateness({ below80, whole, late, looks: beyond.length }),
  });
}

function memoryVerdict([, ...beyond]: Overload["points"]): Verdict {
  const seconds = sum(beyond, (point) => point.seconds);
  let at = 0;
  const looks = beyond.flatMap((point): Point[] => {
    at += point.seconds;
    return point.residentBytes === null ? [] : [[at, point.residentBytes]];
  });
  return memoryGrowth({
    figure: "resident memory after the first third: growth in ten minutes by its Theil-Sen slope",
    looks,
    seconds,
    warmUp: `${Math.round(seconds * WARM_UP)} of ${seconds} s`,
    over: FULL_SECONDS,
    distrust: seconds < FULL_SECONDS ? `only ${seconds} s of ${FULL_SECONDS}` : null,
  });
}

/** Judges the overload; only the seconds at twice saturation count for memory and refusals. */
export function overloadVerdicts({ points, refusals, distrust }: Overload): Verdict[] {
  const beyond = points.slice(1);
  const refused = sum(beyond, (point) => point.refused);
  const lost = sum(beyond, ({ errors }) => errorCount(errors));
  return [
    slowdownVerdict(points, distrust),
    verdictOn(MALFORMED, refusals.seen === 0 ? null : spread([refusals.malformed + lost]), {
      reason: `${refusals.seen} refusals read whole, ${refused} counted, ${lost} requests without an answer`,
      distrust: null,
    }),
    memoryVerdict(points),
  ];
}
