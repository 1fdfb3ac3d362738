import type { Contract } from "@sepal/schema/define-contract";
import { matchHeadings } from "@sepal/schema/headings";
import type { Charset } from "@sepal/schema/predict-file";
import { preview } from "@sepal/schema/preview";
import { SepalError } from "@sepal/schema/sepal-error";
import { MAX_ENTRIES, type DetailEntry } from "@sepal/schema/validation-detail";
import { decode, type ByteString } from "./charset.ts";
import { cellValue, isNumber, splitCells, type DecimalMark } from "./csv-cells.ts";
import type { CsvLayout } from "./file-format.ts";
import { firstOf } from "./row-fault.ts";

/** What may stand between the cells of a file; of two that fit equally well the first. */
export const DELIMITERS = ",;\t|";

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
  record: ByteString,
  charset: Charset,
  { features }: Contract,
  maxColumns: number,
): Omit<CsvLayout, "decimal"> {
  const [best] = DELIMITERS.split("")
    .map((delimiter) => {
      const columns = splitCells(record, delimiter).cells.map((cell) =>
        decode(cellValue(cell), charset).trim(),
      );
      // Matching compares headings with features: of too many columns it would take long.
      const read = columns.length > maxColumns ? [] : columns;
      const { places, faults } = matchHeadings(read, features, "header");
      return { delimiter, columns, faults, found: places.filter((place) => place !== -1).length };
    })
    .toSorted((a, b) => b.found - a.found || b.columns.length - a.columns.length);
  const { delimiter = ",", columns = [], faults = [] } = best ?? {};
  const input = preview(columns.slice(0, 200).join(","));
  if (columns.length > maxColumns) {
    const msg = `The header has ${columns.length} columns; at most ${maxColumns} are allowed (MAX_COLUMNS)`;
    throw headerFailure([{ type: "too_long", loc: ["body", "header"], msg, input }]);
  }
  if (faults.length > 0) {
    const entries = faults.map(({ feature, type, msg }) => {
      return { type, loc: ["body", "header", feature], msg, input };
    });
    throw headerFailure(entries);
  }
  return { delimiter, columns };
}

/**
 * The decimal mark of a file's numbers: that of the first feature with a fraction in these records; a point where none
 * has one, or where commas stand between the cells.
 */
export function decimalMark(
  records: Iterable<ByteString>,
  { delimiter, columns }: Omit<CsvLayout, "decimal">,
  { features }: Contract,
): DecimalMark {
  if (delimiter === ",") return ".";
  const { places } = matchHeadings(columns, features, "header");
  for (const record of records) {
    const { cells } = splitCells(record, delimiter);
    for (const place of places) {
      const value = cellValue(cells[place] ?? "");
      if (value.includes(".") && isNumber(value, ".")) return ".";
      if (value.includes(",") && isNumber(value, ",")) return ",";
    }
  }
  return ".";
}
