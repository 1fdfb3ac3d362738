import type { Charset } from "../predict-file.ts";
import type { DecimalMark } from "./csv-cells.ts";

/** How the records of a file are written: CSV with a header, or a JSON object a line. */
export type FileFormat = "csv" | "ndjson";

/** Whether a file that begins so is compressed with gzip. */
export function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

/** What is said of a file's text, and of that of its result. */
export interface FileText {
  readonly charset: Charset;
  /** Whether no cell of a CSV result may be a formula for a spreadsheet. */
  readonly spreadsheet: boolean;
}

/** How a CSV file is written, as its first records show. */
export interface CsvLayout {
  readonly delimiter: string;
  readonly decimal: DecimalMark;
  /** Names in the order of the file, decoded and trimmed. */
  readonly columns: readonly string[];
  /** Column of each feature, -1 for none, where the user chose it; else by its name. */
  readonly places?: readonly number[];
}

/** Columns of a file, and keys of a JSON line, where no setting says otherwise. */
export const DEFAULT_MAX_COLUMNS = 2000;

/** Bytes of the longest record, so that a quote that is never closed does not fill the memory. */
export const MAX_RECORD_BYTES = 2 ** 20;

/** Where a scoring run stands between two chunks: what a later one needs to go on, as plain JSON. */
export interface ScoringState {
  readonly format: FileFormat;
  /** How the CSV file is written; `null` for JSON lines. */
  readonly layout: CsvLayout | null;
  /** Line ends read so far. */
  readonly lines: number;
  /** Rows read so far. */
  readonly rows: number;
  /** Bytes of the file read so far; the input of a run that goes on starts there. */
  readonly inputBytes: number;
}
