/** Values a feature can have; four features of these make 2^24 different rows. */
const STEPS = 64;

/** Rows that differ. */
export const DIFFERENT_ROWS = STEPS ** 4;

/** Smallest and largest value of each feature, in centimetres. */
const RANGES = [
  [4.3, 7.9],
  [2, 4.4],
  [1, 6.9],
  [0.1, 2.5],
] as const;

const VALUES = RANGES.map(([low, high]) =>
  Array.from({ length: STEPS }, (_, step) =>
    Number((low + ((high - low) * step) / (STEPS - 1)).toFixed(3)),
  ),
);

/** Odd, so that multiplying by it modulo 2^24 visits every row once, neighbours far apart. */
const STRIDE = 10_368_889;

/** Rows in an order that a seed gives, none of them twice in {@link DIFFERENT_ROWS}. */
export function rowSource(seed: number): (count: number) => number[][] {
  let next = seed;
  return (count) =>
    Array.from({ length: count }, () => {
      const number = Math.imul(next, STRIDE) & (DIFFERENT_ROWS - 1);
      next += 1;
      return VALUES.map((values, feature) => values[(number >> (feature * 6)) & (STEPS - 1)] ?? 0);
    });
}

/** A sequence of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
