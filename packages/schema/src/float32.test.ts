import { describe, expect, test } from "vitest";
import { FLOAT32_INFINITY_BOUND, FLOAT32_ZERO_BOUND, shortestFloat32 } from "./float32.ts";

/** The definition itself: try every precision from the shortest. */
function reference(value: number): number {
  for (let digits = 1; digits <= 9; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  throw new Error(`nine digits must identify ${value}`);
}

describe("shortestFloat32", () => {
  test.each([
    [0.96, "0.96"],
    [0.02, "0.02"],
    [1 / 3, "0.33333334"],
    [0.7, "0.7"],
    [1, "1"],
    [0, "0"],
    [1e-10, "1e-10"],
    [1e-45, "1e-45"],
  ])("%f prints as %s", (value, text) => {
    expect(JSON.stringify(shortestFloat32(Math.fround(value)))).toBe(text);
  });

  test("every probability a 50-tree forest can predict is k/50 in two decimals", () => {
    for (let k = 0; k <= 50; k += 1) {
      expect(shortestFloat32(Math.fround(k / 50))).toBe(Number((k / 50).toFixed(2)));
    }
  });

  test("reads back and is as short as the definition's over 200,000 float32 bit patterns", () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const wrong: number[] = [];
    for (let i = 0; i < 200_000; i += 1) {
      // From 2^-14 to 2, where probabilities live.
      bits[0] = 0x38800000 + Math.floor((i * (0x40000000 - 0x38800000)) / 200_000);
      const value = float[0] ?? 0;
      const short = shortestFloat32(value);
      const longer = String(short).length > String(reference(value)).length;
      if (Math.fround(short) !== value || longer) wrong.push(value);
    }
    expect(wrong).toEqual([]);
  });
});

describe("float32 bounds", () => {
  test("are exactly where rounding changes", () => {
    expect(Math.fround(FLOAT32_ZERO_BOUND)).toBe(0);
    expect(Math.fround(FLOAT32_ZERO_BOUND * (1 + Number.EPSILON))).toBeGreaterThan(0);
    expect(Math.fround(FLOAT32_INFINITY_BOUND)).toBe(Infinity);
    expect(Math.fround(FLOAT32_INFINITY_BOUND * (1 - Number.EPSILON))).toBeLessThan(Infinity);
  });
});
