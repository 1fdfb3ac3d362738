/** Cells of one CSV record, and whether its last quote is closed. */
export interface CsvCells {
  readonly cells: readonly string[];
  readonly closed: boolean;
}

/** Splits a record; a quote opens a cell only at its very start, and what follows the closing one is kept. */
export function splitCells(record: string, delimiter: string): CsvCells {
  if (!record.includes('"')) return { cells: record.split(delimiter), closed: true };
  const cells: string[] = [];
  let position = 0;
  for (;;) {
    let cell = "";
    if (record[position] === '"') {
      let from = position + 1;
      for (;;) {
        const quote = record.indexOf('"', from);
        if (quote === -1) return { cells: [...cells, cell + record.slice(from)], closed: false };
        cell += record.slice(from, quote);
        from = quote + 1;
        if (record[from] !== '"') break;
        cell += '"';
        from += 1;
      }
      position = from;
    }
    const next = record.indexOf(delimiter, position);
    cells.push(cell + record.slice(position, next === -1 ? undefined : next));
    if (next === -1) return { cells, closed: true };
    position = next + 1;
  }
}

/**
 * A number as CSV files hold it: a JSON number, or one with a plus sign or without digits on one side of the point.
 *
 * No two parts of it match the same digits: a cell of a megabyte of digits and a letter would take minutes.
 */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether a cell, trimmed, is a number. */
export function isNumber(cell: string): boolean {
  return NUMBER.test(cell.trim());
}

/** Characters that make a spreadsheet take a cell for a formula when it begins with one. */
const FORMULA = "=+-@\t\r";

/** Whether a spreadsheet would take a cell for a formula; a number is none. */
export function isFormula(cell: string): boolean {
  return cell !== "" && FORMULA.includes(cell.charAt(0)) && !isNumber(cell);
}

/** A text as one cell: behind an apostrophe where a spreadsheet would take it for a formula, quoted where it must be. */
export function csvCell(text: string, delimiter: string): string {
  const safe = isFormula(text) ? `'${text}` : text;
  const special = safe.includes(delimiter) || /["\r\n]/.test(safe);
  return special ? `"${safe.replaceAll('"', '""')}"` : safe;
}
