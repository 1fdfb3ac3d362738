import type { Verdict } from "../report/report.ts";
import { memoryGrowth, WARM_UP } from "../report/memory-growth.ts";
import { median, spread } from "../statistics/statistics.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";
import type { Look } from "./look.ts";
import type { TrafficCounts } from "./traffic.ts";

/** A window of the soak and the look at its end. */
export interface SoakWindow extends Look {
  /** Its end, in seconds since the traffic began. */
  readonly at: number;
  /** Of single predictions in it, from when they were due, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly requests: number;
  readonly wrong: number;
  readonly underWay: number;
  /** Share of a core the server used. */
  readonly cpu: number;
  readonly swaps: number;
}

/** What a soak saw. */
export interface Soaked {
  readonly windows: readonly SoakWindow[];
  /** Without traffic and connections: after one request of each kind, and when all is over. */
  readonly idle: { readonly before: Look; readonly after: Look };
  readonly counts: Pick<TrafficCounts, "wrong" | "reasons" | "sent">;
}

/** Shorter soaks prove nothing about slow growth. */
export const FULL_SECONDS = 1800;

const whole = (value: number) => value.toLocaleString("en-US");

const HANDLES: Target = {
  figure: "open files and threads when all is over, beyond those before",
  must: 4,
  aim: 0,
  better: "lower",
  text: String,
};
const WRONG: Target = {
  figure: "wrong answers, failures and requests without an answer",
  must: 0,
  aim: 0,
  better: "lower",
  text: whole,
};
const LOOP: Target = {
  figure: "event-loop delay: its p99 in the worst window",
  must: 25,
  aim: 10,
  better: "lower",
  text: (value) => `${value.toFixed(1)} ms`,
};

const drift = (level: string, must: number, aim: number): Target => ({
  figure: `${level} of single predictions, last third against the middle one`,
  must,
  aim,
  better: "lower",
  text: (value) => `${value.toFixed(2)} times`,
});

function third(windows: readonly SoakWindow[], from: number, to: number): SoakWindow[] {
  const end = windows.at(-1)?.at ?? 0;
  return windows.filter(({ at }) => at > end * from && at <= end * to);
}

/** Judges a soak; what is slow to show is judged only after its full length, a wrong answer always. */
export function soakVerdicts({ windows, idle, counts }: Soaked): Verdict[] {
  const seconds = windows.at(-1)?.at ?? 0;
  const short = seconds < FULL_SECONDS * 0.99 ? `only ${seconds.toFixed(0)} s` : null;
  const warm = third(windows, WARM_UP, 1);
  const [middle, last] = [third(windows, 1 / 3, 2 / 3), third(windows, 2 / 3, 1)];
  const more = (key: "descriptors" | "threads") => idle.after[key] - idle.before[key];
  const sent = Object.values(counts.sent).reduce((sum, count) => sum + count, 0);
  const drifted = (key: "p50" | "p99", target: Target) => {
    const [early, late] = [middle, last].map((some) =>
      some.length === 0 ? null : median(some.map((window) => window[key])),
    );
    const known = early !== null && early !== undefined && late !== null && late !== undefined;
    const reason = known
      ? `medians of windows: ${early.toFixed(2)} ms, then ${late.toFixed(2)} ms`
      : "";
    const ratio = known ? spread([late / early]) : null;
    return verdictOn(target, ratio, { reason, distrust: short });
  };
  const worst = warm.toSorted((a, b) => b.loopP99 - a.loopP99)[0];
  return [
    verdictOn(WRONG, spread([counts.wrong]), {
      reason: counts.reasons[0] ?? `${whole(sent)} requests, each answer held against its row`,
      distrust: null,
    }),
    memoryGrowth({
      figure: "resident memory after the warm-up: growth by its Theil-Sen slope",
      looks: windows.map(({ at, residentBytes }) => [at, residentBytes]),
      seconds,
      warmUp: "the first third",
      distrust: short,
    }),
    verdictOn(HANDLES, spread([Math.max(0, more("descriptors")) + Math.max(0, more("threads"))]), {
      reason: `${idle.before.descriptors} open files and ${idle.before.threads} threads before, ${idle.after.descriptors} and ${idle.after.threads} after, no client connected`,
      distrust: null,
    }),
    drifted("p50", drift("p50", 1.25, 1.1)),
    drifted("p99", drift("p99", 1.5, 1.2)),
    verdictOn(LOOP, worst === undefined ? null : spread([worst.loopP99]), {
      reason: `windows of 10 s; longest single delay ${Math.max(0, ...warm.map(({ loopMax }) => loopMax)).toFixed(1)} ms`,
      distrust: short,
    }),
  ];
}
