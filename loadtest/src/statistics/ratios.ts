import { spread, type Spread } from "./statistics.ts";

/** One measured value of a round. */
export interface RoundValue {
  readonly round: number;
  readonly value: number;
}

/** `numerator / denominator` of each round that has both: what slows a whole round cancels out. */
export function ratiosWithinRounds(
  numerators: readonly RoundValue[],
  denominators: readonly RoundValue[],
): number[] {
  const byRound = new Map(denominators.map(({ round, value }) => [round, value]));
  return numerators.flatMap(({ round, value }) => {
    const denominator = byRound.get(round);
    return denominator === undefined || denominator === 0 ? [] : [value / denominator];
  });
}

/** The spread of {@link ratiosWithinRounds}; null when no round has both. */
export function ratioWithinRounds(
  numerators: readonly RoundValue[],
  denominators: readonly RoundValue[],
): Spread | null {
  return spread(ratiosWithinRounds(numerators, denominators));
}
