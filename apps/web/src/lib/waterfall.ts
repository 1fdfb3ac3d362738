/** One step of a waterfall: where it starts and ends, as shares. */
export interface Step {
  readonly from: number;
  readonly to: number;
}

/** What each addend makes of a sum that starts at `base`. */
export function waterfall(base: number, added: readonly number[]): Step[] {
  let from = base;
  return added.map((value) => {
    const step = { from, to: from + value };
    from = step.to;
    return step;
  });
}

/** The bounds of an axis that shows all steps of all waterfalls, and what is given beside them. */
export function waterfallBounds(
  waterfalls: readonly (readonly Step[])[],
  beside: readonly number[],
): Step {
  const ends = waterfalls.flat().flatMap(({ from, to }) => [from, to]);
  return { from: Math.min(...beside, ...ends), to: Math.max(...beside, ...ends) };
}
