import type { CsvLayout, FileFormat } from "./file-format.ts";

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
