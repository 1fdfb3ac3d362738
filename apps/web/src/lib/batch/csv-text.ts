/** A spreadsheet takes text that starts with these for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell whose text no spreadsheet runs as a formula; numbers stay as they are. */
export function neutralised(text: string, isNumber: boolean): string {
  return !isNumber && FORMULA.test(text) ? `'${text}` : text;
}

/** Cells as a line of CSV (RFC 4180) with its line break. */
export function csvLine(cells: readonly (string | number)[]): string {
  const quoted = cells.map((cell) => {
    const text = String(cell);
    return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(",")}\r\n`;
}
