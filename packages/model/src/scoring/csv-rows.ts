import type { Contract } from "@sepal/schema/define-contract";
import { preview } from "@sepal/schema/validation-detail";
import { csvCell, isFormula, isNumber, splitCells } from "./csv-cells.ts";
import type { CsvLayout } from "./file-format.ts";
import type { RowFault, FeatureCheck, RowReader, ScoredRow } from "./scored-rows.ts";

/** How programs write what is no finite number. */
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;

/** Why a cell is no number at all. */
function cellFault(column: string, cell: string): RowFault {
  const input = preview(cell);
  const text = cell.trim();
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

/** Reads the records of a CSV file with this header; cells that the header has no column for are left out. */
export function csvRowReader(
  { delimiter, columns }: CsvLayout,
  contract: Contract,
  check: FeatureCheck,
): RowReader {
  const places = contract.features.map(({ name }) => ({ name, index: columns.indexOf(name) }));
  const width = columns.length;

  function write(record: string, cells: readonly string[]): string {
    // As it stands, where nothing has to be made safe.
    if (cells.length === width && !record.includes('"') && !cells.some(isFormula)) return record;
    const kept = Array.from({ length: width }, (_, index) => cells[index] ?? "");
    return kept.map((cell) => csvCell(cell, delimiter)).join(delimiter);
  }

  return (record): ScoredRow => {
    const { cells, closed } = splitCells(record, delimiter);
    const before = write(record, cells);
    const faults: RowFault[] = [];
    if (!closed) faults.push(rowFault("quote_not_closed", "A quote is not closed", record));
    if (cells.length > width) {
      const msg = `The row has ${cells.length} cells, the header ${width}`;
      faults.push(rowFault("too_long", msg, record));
    }
    const features: number[] = [];
    let unread = 0;
    for (const { name, index } of places) {
      const cell = cells[index] ?? "";
      const readable = isNumber(cell);
      if (!readable) {
        faults.push(cellFault(name, cell));
        unread += 1;
      }
      features.push(readable ? Number(cell) : Number.NaN);
    }
    const broken = check(features);
    if (broken.length === 0) return { before, features, faults };
    const said = unread === 0 ? [] : faults.map(({ column }) => column);
    faults.push(...broken.filter(({ column }) => !said.includes(column)));
    return { before, features, faults };
  };
}
