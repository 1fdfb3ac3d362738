import type { Phase } from "./isolation-phase.ts";
import { failedShare, lateShare, TOO_LATE } from "../clients/offer-load.ts";
import { ratioWithinRounds, type RoundValue } from "../statistics/ratios.ts";
import type { Verdict } from "../report/report.ts";
import { spread } from "../statistics/statistics.ts";
import { verdictOn, type Target } from "../report/verdict-on.ts";

const P99_RATIO: Target = {
  figure: "p99 of singles while large batches run, against the same load without them",
  must: 3,
  aim: 1.5,
  better: "lower",
  text: (value) => `${value.toFixed(2)}x`,
};

const LOOP_DELAY: Target = {
  figure: "longest event-loop delay during large batches",
  must: 10,
  aim: 3,
  better: "lower",
  text: (value) => `${value.toFixed(1)} ms`,
};

function p99s(
  phases: readonly Phase[],
  kind: Phase["kind"],
  p99: (phase: Phase) => number | null | undefined,
): RoundValue[] {
  return phases.flatMap((phase) => {
    const value = phase.kind === kind ? p99(phase) : null;
    return value === null || value === undefined ? [] : [{ round: phase.round, value }];
  });
}

function ratio(phases: readonly Phase[], p99: (phase: Phase) => number | null | undefined) {
  return ratioWithinRounds(p99s(phases, "with batches", p99), p99s(phases, "alone", p99));
}

/** Why the singles' figures are not the server's, or null. */
function doubt(phases: readonly Phase[]): string | null {
  const late = Math.max(0, ...phases.map(({ run }) => (run === null ? 0 : lateShare(run))));
  if (late > TOO_LATE) {
    return `the generator itself was late for up to ${(late * 100).toFixed(1)} % of the requests`;
  }
  const idle = phases.some(({ kind, batches }) => kind !== "alone" && batches === 0);
  return idle ? "a phase with batches saw none of them finish" : null;
}

/** Judges the singles by what their client saw, and the event loop by the server's gauge. */
export function isolationVerdicts(phases: readonly Phase[], rows: number): Verdict[] {
  const byServer = ratio(phases, ({ seenByServer }) => seenByServer?.value);
  const failed = Math.max(0, ...phases.map(({ run }) => (run === null ? 0 : failedShare(run))));
  const singles = verdictOn(
    P99_RATIO,
    ratio(phases, ({ run }) => run?.p99),
    {
      reason: `median of ratios inside the rounds as the client saw it; ${byServer === null ? "nothing" : P99_RATIO.text(byServer.median)} by the server's histogram`,
      distrust: doubt(phases),
    },
  );
  const refused: Verdict = {
    ...singles,
    verdict: "missed",
    reason: `up to ${(failed * 100).toFixed(2)} % of the single predictions failed`,
  };
  const only = phases.filter(({ kind }) => kind === "batches only");
  const beside = spread(
    phases.flatMap(({ kind, loopDelay }) => (kind === "with batches" ? [loopDelay] : [])),
  );
  const batches = only.reduce((sum, { batches }) => sum + batches, 0);
  const loop = verdictOn(LOOP_DELAY, spread(only.map(({ loopDelay }) => loopDelay)), {
    reason: `median over the rounds of the longest delay while nothing but batches ran (${batches} of ${rows.toLocaleString("en-US")} rows); ${beside === null ? "not measured" : LOOP_DELAY.text(beside.median)} with singles beside them`,
    distrust: batches === 0 ? "no batch finished" : null,
  });
  return [failed > 0 && singles.verdict !== "not measured" ? refused : singles, loop];
}
