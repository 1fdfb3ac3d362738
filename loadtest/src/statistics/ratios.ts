import { spread, type Spread } from "./statistics.ts";

/** One measured value of a round. */
export interface RoundValue {
  readonly round: number;
  readonly value: number;
}

/**
 * `numerator / denominator` inside each round that has both, then summarised: what slows a whole
 * round of the machine cancels out. Null when no round has both.
 */
export function ratioWithinRounds(
  numerators: readonly RoundValue[],
  denominators: readonly RoundValue[],
): Spread | null {
  const byRound = new Map(denominators.map(({ round, value }) => [round, value]));
  const ratios = numerators.flatMap(({ round, value }) => {
    const denominator = byRound.get(round);
    return denominator === undefined || denominator === 0 ? [] : [value / denominator];
  });
  return spread(ratios);
}
