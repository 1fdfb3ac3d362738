import { expect, test } from "vitest";
import { exp32, HARDEST } from "./exp.ts";

/** The distance of neighbouring float32 numbers around a positive one. */
function unit(value: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(value))) - 23);
}

test("lies within 0.51 units in the last place of the exponential", () => {
  let worst = 0;
  for (let x = -103; x < 88; x += 0.00137) {
    const given = Math.fround(x);
    const exact = Math.exp(given);
    worst = Math.max(worst, Math.abs(exp32(given) - exact) / unit(exact));
  }
  expect(worst).toBeLessThan(0.51);
});

test("rounds as the C library does where a better exponential rounds otherwise", () => {
  // expf of glibc 2.36, with fused multiplication; found by a sweep over all float32 numbers.
  expect(HARDEST.map(exp32)).toEqual([138880149880832, 3.946866735154823e-28]);
});

test("ends with infinity, 0, smallest numbers and NaN", () => {
  expect(exp32(Math.fround(88.73))).toBe(Infinity);
  expect(exp32(-104)).toBe(0);
  expect(exp32(Math.fround(-103.9))).toBe(2 ** -149);
  expect(exp32(-Infinity)).toBe(0);
  expect(exp32(0)).toBe(1);
  expect(exp32(-0)).toBe(1);
  expect(exp32(Number.NaN)).toBeNaN();
});
