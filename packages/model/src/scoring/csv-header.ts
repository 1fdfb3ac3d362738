import type { Contract } from "@sepal/schema/define-contract";
import { preview } from "@sepal/schema/preview";
import { SepalError } from "@sepal/schema/sepal-error";
import type { DetailEntry } from "@sepal/schema/validation-detail";
import { splitCells } from "./csv-cells.ts";
import type { CsvLayout } from "./file-format.ts";

/** What may stand between the cells of a file; of two that fit equally well the first. */
export const DELIMITERS = ",;\t|";

function fault(type: string, msg: string, column: string, columns: readonly string[]): DetailEntry {
  return { type, loc: ["body", "header", column], msg, input: preview(columns.join(",")) };
}

/**
 * Reads the header: the delimiter is the one by which most features are found.
 *
 * Fails with `invalid_input` when a feature has no column, or two.
 */
export function readHeader(record: string, newline: string, contract: Contract): CsvLayout {
  const features = contract.features.map(({ name }) => name);
  const [best] = DELIMITERS.split("")
    .map((delimiter) => {
      const columns = splitCells(record, delimiter).cells.map((name) => name.trim());
      const found = features.filter((name) => columns.includes(name)).length;
      return { delimiter, columns, found };
    })
    .toSorted((a, b) => b.found - a.found || b.columns.length - a.columns.length);
  const { delimiter = ",", columns = [] } = best ?? {};
  const entries = features.flatMap((name) => {
    const count = columns.filter((column) => column === name).length;
    if (count === 1) return [];
    return count === 0
      ? [fault("missing", `The header has no column ${name}`, name, columns)]
      : [fault("value_error", `The header has ${count} columns ${name}`, name, columns)];
  });
  if (entries.length > 0) {
    const message = entries.map(({ msg }) => msg).join("; ");
    const validation = { entries, total: entries.length };
    throw new SepalError("invalid_input", message, { validation });
  }
  return { delimiter, newline, columns };
}
