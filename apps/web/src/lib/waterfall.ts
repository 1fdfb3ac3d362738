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

/** The bounds of an axis that shows all steps of all waterfalls: 0 to 1, and more where a sum is beyond. */
export function waterfallBounds(waterfalls: readonly (readonly Step[])[]): Step {
  const ends = waterfalls.flat().flatMap(({ from, to }) => [from, to]);
  return { from: Math.min(0, ...ends), to: Math.max(1, ...ends) };
}
