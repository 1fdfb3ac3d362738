import type { Contract } from "@sepal/schema/define-contract";
import { preview } from "@sepal/schema/preview";
import { SepalError } from "@sepal/schema/sepal-error";
import { MAX_ENTRIES, type DetailEntry } from "@sepal/schema/validation-detail";
import { splitCells } from "./csv-cells.ts";
import type { CsvLayout } from "./file-format.ts";
import { firstOf } from "./row-fault.ts";

/** What may stand between the cells of a file; of two that fit equally well the first. */
export const DELIMITERS = ",;\t|";

/** How often each of the names is a column. */
function countColumns(names: readonly string[], columns: readonly string[]): Map<string, number> {
  const counts = new Map(names.map((name) => [name, 0]));
  for (const column of columns) {
    const count = counts.get(column);
    if (count !== undefined) counts.set(column, count + 1);
  }
  return counts;
}

function headerFailure(entries: readonly DetailEntry[]): SepalError {
  const message = firstOf(
    entries.map(({ msg }) => msg),
    "; ",
  );
  const validation = { entries: entries.slice(0, MAX_ENTRIES), total: entries.length };
  return new SepalError("invalid_input", message, { validation });
}

/**
 * Reads the header: the delimiter is the one by which most features are found.
 *
 * Fails with `invalid_input` when a feature has no column, or two, and when there are more than `maxColumns`.
 */
export function readHeader(
  record: string,
  newline: string,
  { features }: Contract,
  maxColumns: number,
): CsvLayout {
  const names = features.map(({ name }) => name);
  const [best] = DELIMITERS.split("")
    .map((delimiter) => {
      const columns = splitCells(record, delimiter).cells.map((name) => name.trim());
      const counts = countColumns(names, columns);
      const found = names.filter((name) => counts.get(name) !== 0).length;
      return { delimiter, columns, counts, found };
    })
    .toSorted((a, b) => b.found - a.found || b.columns.length - a.columns.length);
  const { delimiter = ",", columns = [], counts } = best ?? {};
  const input = preview(columns.slice(0, 200).join(","));
  if (columns.length > maxColumns) {
    const msg = `The header has ${columns.length} columns; at most ${maxColumns} are allowed (MAX_COLUMNS)`;
    throw headerFailure([{ type: "too_long", loc: ["body", "header"], msg, input }]);
  }
  const entries = names.flatMap((name) => {
    const count = counts?.get(name) ?? 0;
    if (count === 1) return [];
    const loc = ["body", "header", name];
    return count === 0
      ? [{ type: "missing", loc, msg: `The header has no column ${name}`, input }]
      : [{ type: "value_error", loc, msg: `The header has ${count} columns ${name}`, input }];
  });
  if (entries.length > 0) throw headerFailure(entries);
  return { delimiter, newline, columns };
}
