import { expect, test } from "vitest";
import { ticks } from "./svg.ts";

test("linear ticks start at zero, are round and reach past the largest value", () => {
  expect(ticks(3, 47_000, "linear")).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000]);
});

test("logarithmic ticks are powers of ten around the range", () => {
  expect(ticks(0.4, 900, "log")).toEqual([0.1, 1, 10, 100, 1000]);
});
