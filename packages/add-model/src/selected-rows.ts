import type { NumberDomain } from "@sepal/schema/define-contract";
import { shortestFloat32 } from "@sepal/schema/float32";
import { median } from "@sepal/model/session/warm-up";
import type { ColumnStatistics } from "./table/training-table.ts";

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

/** Rows whose predictions verify a version: some of the data, and some over its slightly widened ranges. */
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

interface Labelled {
  readonly rows: readonly (readonly number[])[];
  /** The data's own label of every row. */
  readonly labels: readonly string[];
  /** What the model calls every row. */
  readonly answers: readonly (string | undefined)[];
  readonly columns: readonly ColumnStatistics[];
}

/** Most classes that get an example of their own. */
const MOST = 6;

/** Sum of squared distances from the median, in standard deviations. */
function distance(
  row: readonly number[],
  columns: readonly ColumnStatistics[],
  centre: readonly number[],
) {
  return row.reduce((sum, value, index) => {
    const { std = 1 } = columns[index] ?? {};
    return sum + ((value - (centre[index] ?? 0)) / (std || 1)) ** 2;
  }, 0);
}

/** For each class the row of the data that is most like the others of its class, rightly answered where one is. */
export function typicalRows(
  classes: readonly string[],
  { rows, labels, answers, columns }: Labelled,
): { readonly name: string; readonly features: readonly number[] }[] {
  return classes.slice(0, MOST).flatMap((label) => {
    const own = rows.filter((_, row) => labels[row] === label);
    const right = rows.filter((_, row) => labels[row] === label && answers[row] === label);
    const candidates = right.length > 0 ? right : own;
    const centre = columns.map((_, column) => median(own.map((row) => row[column] ?? 0)));
    const ranked = candidates
      .map((row) => ({ row, far: distance(row, columns, centre) }))
      .toSorted((a, b) => a.far - b.far);
    const best = ranked[0]?.row;
    return best === undefined ? [] : [{ name: `a typical ${label}`, features: best }];
  });
}
