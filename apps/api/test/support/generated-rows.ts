import * as fc from "fast-check";
import { HEAD } from "./csv-file.ts";

/** A row of iris, good or bad. */
export type Row = readonly unknown[];

const good = fc.double({ min: 0.05, max: 8, noNaN: true });
const goodRow: fc.Arbitrary<Row> = fc.tuple(good, good, good, good);

/** Numbers that break a rule; a cell of a CSV is text, so that nothing else means the same there. */
export const BAD_NUMBERS: fc.Arbitrary<unknown> = fc.constantFrom(0, -1, -0.5, 1e39, 1e-46);
/** Values that break a rule. */
export const BAD_VALUES: fc.Arbitrary<unknown> = fc.oneof(
  BAD_NUMBERS,
  fc.constantFrom<unknown>(null, "5.1", "", true, {}, []),
);

/** Up to 20 rows, some of them with such values. */
export function someRows(bad: fc.Arbitrary<unknown>): fc.Arbitrary<Row[]> {
  const spoiled = fc
    .tuple(goodRow, fc.array(fc.tuple(fc.nat(3), bad), { minLength: 1, maxLength: 3 }))
    .map(([row, wrong]) => wrong.reduce<Row>((cells, [at, value]) => cells.with(at, value), row));
  const row = fc.oneof({ arbitrary: goodRow, weight: 4 }, spoiled);
  return fc.array(row, { minLength: 1, maxLength: 20 });
}

/** Rows again and again, until they are more than one thread takes at once. */
export function manyOf(rows: readonly Row[]): Row[] {
  return Array.from({ length: 2500 }, (_, at) => rows[at % rows.length] ?? []);
}

/** Rows as a CSV; one without bad numbers reads as they were. */
export function csvOf(rows: readonly Row[]): string {
  return `${[HEAD, ...rows.map((row) => row.join(","))].join("\n")}\n`;
}

/** Rows as JSON lines. */
export function ndjsonOf(rows: readonly Row[]): string {
  return rows.map((features) => `${JSON.stringify({ features })}\n`).join("");
}
