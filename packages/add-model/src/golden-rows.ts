import type { NumberDomain } from "@sepal/schema/define-contract";
import { shortestFloat32 } from "@sepal/schema/float32";
import type { ColumnStatistics } from "./table/describe-column.ts";

/** Most rows of the data, and how many rows drawn at random, that a golden file holds. */
const DATA_ROWS = 300;
const RANDOM_ROWS = 700;

/** Share of a feature's range by which random rows may leave it at either end. */
const WIDENING = 0.05;

/** Evenly spread elements, at most `count`. */
export function thinned<T>(values: readonly T[], count: number): T[] {
  const step = Math.max(1, values.length / count);
  const kept: T[] = [];
  for (let place = 0; place < values.length; place += step) {
    const value = values[Math.floor(place)];
    if (value !== undefined) kept.push(value);
  }
  return kept.slice(0, count);
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The shortest decimal of a number's float32: what reaches a model. */
function asFloat32(value: number): number {
  return shortestFloat32(Math.fround(value));
}

/** Rows whose answers a version is held against: some of the data, and some over its slightly widened ranges. */
export function goldenInputs(
  rows: readonly (readonly number[])[],
  columns: readonly ColumnStatistics[],
  domain: NumberDomain,
): { readonly name: string; readonly features: readonly (readonly number[])[] }[] {
  const random = seeded(42);
  const draw = ({ min, max }: ColumnStatistics) => {
    const margin = (max - min) * WIDENING;
    const low = {
      positive: Math.max(min - margin, min / 2),
      nonnegative: Math.max(0, min - margin),
      finite: min - margin,
    }[domain];
    return asFloat32(low + random() * (max + margin - low));
  };
  return [
    { name: "data", features: thinned(rows, DATA_ROWS).map((row) => row.map(asFloat32)) },
    { name: "random", features: Array.from({ length: RANDOM_ROWS }, () => columns.map(draw)) },
  ];
}
