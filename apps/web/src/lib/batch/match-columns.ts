import type { Contract } from "@sepal/schema/define-contract";

/** For each feature of a contract the column it is read from; `null` when there is none. */
export type ColumnMapping = readonly (number | null)[];

/** A name as it compares: `Sepal.Length (cm)`, `SepalLengthCm` and `sepal_length` are one. */
function plain(name: string, unit: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  if (words.length > 1 && words.at(-1) === unit.toLowerCase()) words.pop();
  return words.join("");
}

/** Finds each feature's column by name; with no header, or none of the names, by position. */
export function matchColumns(
  { features }: Pick<Contract, "features">,
  columns: readonly string[],
  hasHeader: boolean,
): ColumnMapping {
  if (!hasHeader) return features.map((_, index) => (index < columns.length ? index : null));
  return features.map(({ name, label, unit }) => {
    const known = new Set([plain(name, unit), plain(label, unit)]);
    const index = columns.findIndex((column) => known.has(plain(column, unit)));
    return index === -1 ? null : index;
  });
}

/** Whether a first row holds names: at least one cell has letters and is no number. */
export function looksLikeHeader(
  cells: readonly string[],
  isNumber: (cell: string) => boolean,
): boolean {
  return !cells.some((cell) => isNumber(cell)) && cells.some((cell) => /\p{L}/u.test(cell));
}

/** Names of columns as shown: empty ones get their number. */
export function columnNames(cells: readonly string[], hasHeader: boolean): string[] {
  return cells.map((cell, index) => (hasHeader && cell.trim()) || `Column ${index + 1}`);
}
