import type { Charset } from "../predict-file.ts";
import type { ByteString } from "./bytes.ts";
import { decode, encode } from "./charset.ts";

/** Cells of one CSV record, as they stand in it, quotes included. */
export interface CsvCells {
  readonly cells: readonly ByteString[];
  /** Whether the last quote is closed. */
  readonly closed: boolean;
}

/** Splits a record at its delimiters; a quote opens a cell only at the cell's very start. */
export function splitCells(record: ByteString, delimiter: string): CsvCells {
  if (!record.includes('"')) return { cells: record.split(delimiter), closed: true };
  const cells: ByteString[] = [];
  let start = 0;
  for (;;) {
    let from = start;
    if (record[start] === '"') {
      from = start + 1;
      for (;;) {
        const quote = record.indexOf('"', from);
        if (quote === -1) return { cells: [...cells, record.slice(start)], closed: false };
        from = quote + 1;
        if (record[from] !== '"') break;
        from += 1;
      }
    }
    const next = record.indexOf(delimiter, from);
    cells.push(record.slice(start, next === -1 ? undefined : next));
    if (next === -1) return { cells, closed: true };
    start = next + 1;
  }
}

/** What a cell holds: without its quotes; what follows the closing one is kept. */
export function cellValue(cell: ByteString): ByteString {
  if (cell[0] !== '"') return cell;
  let end = 1;
  while (end < cell.length && (cell[end] !== '"' || cell[end + 1] === '"')) {
    end += cell[end] === '"' ? 2 : 1;
  }
  return cell.slice(1, end).replaceAll('""', '"') + cell.slice(end + 1);
}

/** The decimal mark of a file's numbers. */
export type DecimalMark = "." | ",";

/**
 * A number as CSV files hold it: a JSON number, or one with a plus sign or without digits on one side of the mark.
 *
 * No two parts of it match the same digits: a cell of a megabyte of digits and a letter would take minutes.
 */
const NUMBERS: Readonly<Record<DecimalMark, RegExp>> = {
  ".": /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/,
  ",": /^[+-]?(?:\d+(?:,\d*)?|,\d+)(?:[eE][+-]?\d+)?$/,
};

/** Whether a value, trimmed, is a number. */
export function isNumber(value: string, mark: DecimalMark = "."): boolean {
  return NUMBERS[mark].test(value.trim());
}

/** The number that a value is, or `undefined`. */
export function readNumber(value: string, mark: DecimalMark): number | undefined {
  if (!isNumber(value, mark)) return undefined;
  return Number(mark === "." ? value : value.replace(",", "."));
}

/**
 * What a spreadsheet takes for a formula: a sign that opens one, plain or full-width, behind blanks, quotes, control and
 * invisible characters, or a cell that begins with a tab or a line end, which an import may take away.
 */
const FORMULA = /^(?:[\s\p{C}"']*[=+\-@＝＋－＠−]|[\t\r\n])/u;

/** Whether a spreadsheet would take a text for a formula; a number is none. */
function isFormula(text: string, mark: DecimalMark = "."): boolean {
  return FORMULA.test(text) && !isNumber(text, mark);
}

/** How the cells of a file are written. */
export interface CellForm {
  readonly charset: Charset;
  readonly delimiter: string;
  readonly decimal: DecimalMark;
  /** Whether no cell may be a formula for a spreadsheet. */
  readonly spreadsheet: boolean;
}

/** A text as one cell, quoted where it must be; where it has to be safe for spreadsheets, behind an apostrophe. */
export function writeCell(text: string, { charset, delimiter, decimal, spreadsheet }: CellForm) {
  const safe = spreadsheet && isFormula(text, decimal) ? `'${text}` : text;
  const special = safe.includes(delimiter) || /["\r\n]/.test(safe);
  return encode(special ? `"${safe.replaceAll('"', '""')}"` : safe, charset);
}

/** A cell of the input as the result has it: as it stands, unless it has to be made safe for spreadsheets. */
export function keepCell(cell: ByteString, form: CellForm): ByteString {
  if (!form.spreadsheet) return cell;
  const text = decode(cellValue(cell), form.charset);
  return isFormula(text, form.decimal) ? writeCell(text, form) : cell;
}
