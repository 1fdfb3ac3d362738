import Papa from "papaparse";

/** How the text of a table is written. */
export interface TableShape {
  readonly format: "csv" | "ndjson";
  /** Between the cells of a CSV row. */
  readonly delimiter: string;
  /** Whether `5,1` is a number: only where the comma does not separate cells. */
  readonly decimalComma: boolean;
}

const DELIMITERS = [",", ";", "\t", "|"];

/** A table's text without what spreadsheets put around it: every line break becomes `\n`. */
export function unifyLineBreaks(text: string): string {
  return text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text;
}

/** Guesses the shape from the first lines of a text (line breaks unified). */
export function guessShape(head: string): TableShape {
  const start = head.trimStart();
  if (start.startsWith("{") || start.startsWith("[")) {
    return { format: "ndjson", delimiter: "", decimalComma: false };
  }
  const { meta } = Papa.parse<string[]>(start, { preview: 20, delimitersToGuess: DELIMITERS });
  const delimiter = DELIMITERS.includes(meta.delimiter) ? meta.delimiter : ",";
  return { format: "csv", delimiter, decimalComma: delimiter !== "," };
}
