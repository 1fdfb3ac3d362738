/** Doubles strictly between 0 and this bound, or equal to it, round to the float32 zero (half of the smallest subnormal). */
export const FLOAT32_ZERO_BOUND = 2 ** -150;

const bits = new DataView(new ArrayBuffer(8));

/** The next float32 above a finite one. */
function nextFloat32(value: number): number {
  if (value === 0) return 2 ** -149;
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + Math.sign(value));
  return bits.getFloat32(0);
}

/** The double just below a positive or negative one. */
function previousDouble(value: number): number {
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) - BigInt(Math.sign(value)));
  return bits.getFloat64(0);
}

/** The double above which all are greater than a bound, also after rounding to float32. */
export function float32Above(bound: number): number {
  const rounded = Math.fround(bound);
  if (rounded > bound) return bound;
  // Exact: a double holds the middle of two float32 numbers, where a tie goes to the even one.
  const middle = rounded / 2 + nextFloat32(rounded) / 2;
  const edge = Math.fround(middle) === rounded ? middle : previousDouble(middle);
  return Math.max(edge, bound);
}

/** Float32 holds every whole number up to this one. */
export const MAX_INTEGER = 2 ** 24;

/** Doubles at or above this bound round to the float32 infinity (half a step past the largest float32). */
export const FLOAT32_INFINITY_BOUND = 2 ** 128 - 2 ** 103;

/**
 * The double whose decimal text is the shortest one that reads back to the same float32, so that
 * `JSON.stringify` prints 0.96 and not 0.9599999785423279.
 *
 * `value` must already be a float32 (an element of a `Float32Array`).
 */
export function shortestFloat32(value: number): number {
  if (Number.isInteger(value)) return value;
  const magnitude = Math.abs(value);
  // Between 0.001 and 1 at most one decimal of seven digits lies within half a float32 step, so the
  // nearest one is the shortest whenever it reads back; otherwise it takes eight digits or nine.
  // 10 ns where the loop below takes 300.
  if (magnitude < 1 && magnitude >= 0.001) {
    let scale = magnitude >= 0.1 ? 1e7 : magnitude >= 0.01 ? 1e8 : 1e9;
    for (let digits = 7; digits <= 9; digits += 1) {
      const candidate = Math.round(value * scale) / scale;
      if (Math.fround(candidate) === value) return candidate;
      scale *= 10;
    }
  }
  // Nine significant digits always identify a float32.
  for (let digits = 1; digits < 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(9));
}
