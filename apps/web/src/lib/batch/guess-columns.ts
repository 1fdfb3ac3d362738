import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { cellReader } from "@sepal/schema/files/cell-values";
import { nearestHeading } from "@sepal/schema/headings";
import type { ColumnMapping } from "./protocol.ts";
import { ACTUAL_HEADINGS, plainWords } from "./truth.ts";

/** Headings of columns that number or name the rows. */
const ROW_NAMES = new Set(["", "id", "index", "no", "row", "unnamed", "unnamed 0"]);

/** Whether all of a column's first cells can be read as values of a feature. */
function fits(feature: FeatureSpec, contract: Contract, sample: readonly string[]): boolean {
  const read = cellReader(feature, contract);
  const known = (text: string) => {
    const value = read(text, ".") ?? read(text, ",");
    if (value === undefined) return false;
    if (feature.type !== "category" || typeof value !== "string") return true;
    return feature.unknown !== undefined || feature.values.includes(value);
  };
  const filled = sample.filter((text) => text !== "");
  return filled.length > 0 && filled.every(known);
}

interface GuessOptions {
  readonly contract: Contract;
  readonly columns: readonly string[];
  /** The first cells of each column. */
  readonly samples: readonly (readonly string[])[];
  /** What the headings say. */
  readonly mapping: ColumnMapping;
}

/** Guesses with the columns that `free` names; the mapping as far as it goes, and whether every feature has a column. */
function guessAmong(
  { contract, columns, samples, mapping: known }: GuessOptions,
  free: Set<number>,
): { mapping: ColumnMapping; whole: boolean } {
  const { features } = contract;
  const mapping = [...known];
  const open = () =>
    features.flatMap((feature, index) =>
      (mapping[index] ?? null) === null ? [{ feature, index }] : [],
    );
  const fitting = (feature: FeatureSpec) =>
    [...free].filter((column) => fits(feature, contract, samples[column] ?? []));
  const take = (index: number, column: number) => {
    mapping[index] = column;
    free.delete(column);
  };
  for (const { feature, index } of open()) {
    const candidates = fitting(feature);
    const headings = candidates.map((column) => columns[column] ?? "");
    const near = nearestHeading(feature.name, headings);
    const column = near === undefined ? undefined : candidates[headings.indexOf(near)];
    if (column !== undefined) take(index, column);
  }
  const left = open();
  const byName = [...mapping];
  if (new Set(left.flatMap(({ feature }) => fitting(feature))).size !== left.length) {
    return { mapping: byName, whole: false };
  }
  for (const { feature, index } of left) {
    const [column] = fitting(feature);
    if (column === undefined) return { mapping: byName, whole: false };
    take(index, column);
  }
  return { mapping, whole: true };
}

/**
 * Guesses a column for the features that no heading names: one whose heading is spelled much like the feature, else, where as many
 * columns are left as features, by their order. Columns that number the rows are not taken, and those that are called as
 * actual values are only where the others are too few.
 */
export function guessColumns(options: GuessOptions): ColumnMapping {
  const { columns, mapping } = options;
  const words = columns.map(plainWords);
  const free = words.flatMap((name, column) =>
    mapping.includes(column) || ROW_NAMES.has(name) ? [] : [column],
  );
  const inputs = free.filter((column) => !ACTUAL_HEADINGS.has(words[column] ?? ""));
  const first = guessAmong(options, new Set(inputs));
  if (first.whole) return first.mapping;
  const second = guessAmong(options, new Set(free));
  return second.whole ? second.mapping : first.mapping;
}
