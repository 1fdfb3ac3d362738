import type { Contract, FeatureInput, FeatureSpec } from "../define-contract.ts";
import { matchHeadings } from "../headings.ts";
import { rowEncoder } from "../row-encoding.ts";
import { preview } from "../validation-detail.ts";
import { cellReader } from "./cell-values.ts";
import { decode } from "./charset.ts";
import { cellValue, keepCell, readNumber, splitCells, type CellForm } from "./csv-cells.ts";
import type { CsvLayout } from "./file-format.ts";
import type { FeatureCheck, RowFault, RowReader, ScoredRow } from "./scored-rows.ts";

/** How programs write what is no finite number. */
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/** What a cell that cannot be read as a value of these types should be. */
const UNREADABLE = {
  number: ["float_parsing", "a valid number, unable to parse string as a number"],
  integer: ["int_parsing", "a valid integer, unable to parse string as an integer"],
  boolean: ["bool_parsing", "a valid boolean, unable to interpret input"],
  // Every text is read, and the schema says which are values.
  category: ["literal_error", "one of the values"],
  text: ["string_type", "a valid string"],
} as const;

/** Why a cell holds no value of a feature. */
function cellFault({ name: column, type }: FeatureSpec, value: string): RowFault {
  const input = preview(value);
  const text = value.trim();
  if (text === "") return { column, type: "missing", msg: "Field required", input };
  if (type === "number" && NOT_FINITE.test(text)) {
    return { column, type: "finite_number", msg: "Input should be a finite number", input };
  }
  const [rule, what] = UNREADABLE[type];
  return { column, type: rule, msg: `Input should be ${what}`, input };
}

function rowFault(type: string, msg: string, input: string): RowFault {
  return { column: undefined, type, msg, input: preview(input) };
}

/** Reads the records of a CSV file; a row that is too short is filled up, so that the results stand in theirs. */
export function csvRowReader(
  { columns, places }: Pick<CsvLayout, "columns" | "places">,
  form: CellForm,
  contract: Contract,
  check: FeatureCheck,
): RowReader {
  const { charset, delimiter, decimal, spreadsheet } = form;
  const found = places ?? matchHeadings(columns, contract.features, "header").places;
  const features = contract.features.map((feature, index) => ({
    feature,
    place: found[index] ?? -1,
    read: cellReader(feature, contract),
  }));
  const encode = rowEncoder(contract);
  const width = columns.length;

  return (record): ScoredRow => {
    const { cells, closed } = splitCells(record, delimiter);
    const kept = spreadsheet ? cells.map((cell) => keepCell(cell, form)).join(delimiter) : record;
    const missing = width - cells.length;
    const before = missing > 0 ? kept + delimiter.repeat(missing) : kept;
    const faults: RowFault[] = [];
    if (!closed) {
      faults.push(rowFault("quote_not_closed", "A quote is not closed", decode(record, charset)));
    }
    if (missing < 0) {
      const msg = `The row has ${cells.length} cells, the header ${width}`;
      faults.push(rowFault("too_long", msg, decode(record, charset)));
    }
    const values: FeatureInput[] = [];
    let unread = 0;
    for (const { feature, place, read } of features) {
      const bytes = cellValue(cells[place] ?? "");
      // A blank beyond ASCII, such as a no-break space, is one only where it is decoded.
      const number = feature.type === "number" ? readNumber(bytes, decimal) : undefined;
      const value = number ?? read(decode(bytes, charset), decimal);
      if (value === undefined) {
        faults.push(cellFault(feature, decode(bytes, charset)));
        unread += 1;
      }
      values.push(value === undefined ? Number.NaN : value);
    }
    const broken = check(values);
    if (broken.length === 0) return { before, after: "", features: encode(values), faults };
    const said = unread === 0 ? [] : faults.map(({ column }) => column);
    faults.push(...broken.filter(({ column }) => !said.includes(column)));
    return { before, after: "", features: [], faults };
  };
}
