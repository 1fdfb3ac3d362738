import Papa from "papaparse";
import { Refusal } from "../refusal.ts";

/** A table as its cells. */
export interface CsvTable {
  readonly path: string;
  readonly headings: readonly string[];
  /** `[n][headings]`. */
  readonly records: readonly (readonly string[])[];
}

/** Reads a CSV file with a header; cells that a short record leaves out are empty. */
export function readCsv(text: string, path: string): CsvTable {
  const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: "greedy" });
  const fault = errors.find(({ type }) => type === "Quotes");
  if (fault !== undefined) throw new Refusal(`${path} row ${fault.row ?? 0}: ${fault.message}`);
  const [header = [], ...records] = data;
  const headings = header.map((heading) => heading.trim());
  if (records.length === 0) {
    throw new Refusal(`${path}: needs a header with the columns' names, and rows`);
  }
  const full = records.map((record) => headings.map((_, index) => record[index] ?? ""));
  return { path, headings, records: full };
}

/** The cells of a column. */
export function columnCells({ records }: CsvTable, index: number): string[] {
  return records.map((record) => record[index] ?? "");
}

/** Headings in quotes, for messages. */
export function quoted(headings: readonly string[]): string {
  return headings.map((heading) => `"${heading}"`).join(", ");
}

/** Place of a heading that an option names. */
export function placeOfHeading(
  { headings, path }: CsvTable,
  heading: string,
  what: string,
): number {
  const place = headings.indexOf(heading);
  if (place !== -1) return place;
  throw new Refusal(
    `${path}: there is no column "${heading}"${what}; it has ${headings.join(", ")}`,
  );
}
