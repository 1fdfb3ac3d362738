import type { FeatureInput } from "@sepal/schema/define-contract";
import { type FeatureField, optionsOf, shownValue } from "./feature-range.ts";

const BINS = 18;

/** Rows in a part of a feature's range, or of one value, by group. */
export interface Bin {
  /** The value, or the ends of the part. */
  readonly label: string;
  readonly counts: readonly number[];
  /** Whether the row's own value is in it. */
  readonly here: boolean;
}

interface Table {
  /** A feature's value of each row. */
  readonly values: readonly FeatureInput[];
  /** The group of each row, such as its class. */
  readonly groups: readonly number[];
  readonly groupCount: number;
}

function numberBins(
  field: Extract<FeatureField, { kind: "number" }>,
  { values, groups, groupCount }: Table,
  value: FeatureInput,
): Bin[] {
  const numbers = values.filter((each) => typeof each === "number");
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const whole = field.feature.type === "integer";
  const count = whole ? Math.min(BINS, most - least + 1) : BINS;
  const width = (whole ? most - least + 1 : most - least) / count || 1;
  const place = (at: number) => Math.min(count - 1, Math.floor((at - least) / width));
  const counts = Array.from({ length: count }, () => Array.from({ length: groupCount }, () => 0));
  for (const [row, at] of values.entries()) {
    if (typeof at !== "number") continue;
    const bin = counts[place(at)];
    const group = groups[row] ?? 0;
    if (bin !== undefined) bin[group] = (bin[group] ?? 0) + 1;
  }
  const inside = typeof value === "number" && value >= least && value <= most;
  const text = (at: number) => Number(at.toPrecision(4)).toLocaleString("en");
  return counts.map((each, index) => ({
    label: `${text(least + index * width)} to ${text(least + (index + 1) * width)}`,
    counts: each,
    here: inside && place(value) === index,
  }));
}

/** The rows of a table by a feature's value: parts of a number's range, or each value that occurs, and missing last. */
export function histogram(field: FeatureField, table: Table, value: FeatureInput): Bin[] {
  const { values, groups, groupCount } = table;
  const count = (wanted: FeatureInput) => {
    const counts = Array.from({ length: groupCount }, () => 0);
    for (const [row, at] of values.entries()) {
      const group = groups[row] ?? 0;
      if (at === wanted) counts[group] = (counts[group] ?? 0) + 1;
    }
    return counts;
  };
  const bins =
    field.kind === "number"
      ? numberBins(field, table, value)
      : optionsOf(field).map((option) => ({
          label: option.text,
          counts: count(option.value),
          here: option.value === value,
        }));
  const missing = count(null);
  return missing.some((each) => each > 0) || value === null
    ? [...bins, { label: "missing", counts: missing, here: value === null }]
    : bins;
}

/** Where a value lies among those of a table, in words. */
export function standing(
  field: FeatureField,
  values: readonly FeatureInput[],
  value: FeatureInput,
): string {
  const share = (count: number) => `${((count / values.length) * 100).toFixed(0)} %`;
  if (typeof value !== "number") {
    return `${shownValue(field, value)}: ${share(values.filter((each) => each === value).length)} of the rows`;
  }
  const numbers = values.filter((each) => typeof each === "number");
  const below = numbers.filter((each) => each < value).length;
  if (below === numbers.length) return `${shownValue(field, value)}: above every row`;
  if (below === 0 && !numbers.includes(value))
    return `${shownValue(field, value)}: below every row`;
  return `${shownValue(field, value)}: above ${share(below)} of the rows`;
}

/** Places of the rows that are nearest to one, by the features' ranges; a missing value or another choice counts as the whole range. */
export function nearestRows(
  fields: readonly FeatureField[],
  rows: readonly (readonly FeatureInput[])[],
  features: readonly FeatureInput[],
  most: number,
): number[] {
  const apart = (row: readonly FeatureInput[]) =>
    fields.reduce((sum, field, place) => {
      const [a, b] = [row[place] ?? null, features[place] ?? null];
      if (a === b) return sum;
      if (field.kind !== "number" || typeof a !== "number" || typeof b !== "number") return sum + 1;
      const { min, max } = field.training ?? field;
      return sum + ((a - b) / (max - min || 1)) ** 2;
    }, 0);
  return rows
    .map((row, place) => ({ place, distance: apart(row) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ place }) => place);
}
