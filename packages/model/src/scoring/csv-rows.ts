import type { Contract } from "@sepal/schema/define-contract";
import { matchHeadings } from "@sepal/schema/headings";
import { preview } from "@sepal/schema/validation-detail";
import { decode } from "./charset.ts";
import { cellValue, keepCell, readNumber, splitCells, type CellForm } from "./csv-cells.ts";
import type { FeatureCheck, RowFault, RowReader, ScoredRow } from "./scored-rows.ts";

/** How programs write what is no finite number. */
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/** Why a cell is no number at all. */
function cellFault(column: string, value: string): RowFault {
  const input = preview(value);
  const text = value.trim();
  if (text === "") return { column, type: "missing", msg: "Field required", input };
  if (NOT_FINITE.test(text)) {
    return { column, type: "finite_number", msg: "Input should be a finite number", input };
  }
  const msg = "Input should be a valid number, unable to parse string as a number";
  return { column, type: "float_parsing", msg, input };
}

function rowFault(type: string, msg: string, input: string): RowFault {
  return { column: undefined, type, msg, input: preview(input) };
}

/** Reads the records of a CSV file with these columns; a row that is too short is filled up, so that the results stand in theirs. */
export function csvRowReader(
  columns: readonly string[],
  form: CellForm,
  contract: Contract,
  check: FeatureCheck,
): RowReader {
  const { charset, delimiter, decimal, spreadsheet } = form;
  const { places } = matchHeadings(columns, contract.features, "header");
  const features = contract.features.map(({ name }, index) => ({
    name,
    place: places[index] ?? -1,
  }));
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
    const numbers: number[] = [];
    let unread = 0;
    for (const { name, place } of features) {
      const value = cellValue(cells[place] ?? "");
      // A blank beyond ASCII, such as a no-break space, is one only where it is decoded.
      const number = readNumber(value, decimal) ?? readNumber(decode(value, charset), decimal);
      if (number === undefined) {
        faults.push(cellFault(name, decode(value, charset)));
        unread += 1;
      }
      numbers.push(number ?? Number.NaN);
    }
    const broken = check(numbers);
    if (broken.length === 0) return { before, after: "", features: numbers, faults };
    const said = unread === 0 ? [] : faults.map(({ column }) => column);
    faults.push(...broken.filter(({ column }) => !said.includes(column)));
    return { before, after: "", features: numbers, faults };
  };
}
