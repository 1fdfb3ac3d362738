import type { Contract } from "../define-contract.ts";
import { forms, type ByteString } from "./bytes.ts";
import type { CellForm } from "./csv-cells.ts";
import { csvRowReader } from "./csv-rows.ts";
import type { CsvLayout, FileText } from "./file-format.ts";
import { ndjsonRowReader } from "./ndjson-rows.ts";
import type { RecordBlock } from "./record-splitter.ts";
import { csvResults, ndjsonResults, type ResultForm } from "./result-form.ts";
import type { Growth } from "./result-growth.ts";
import {
  badRow,
  faultText,
  featureCheck,
  type Compile,
  type RowReader,
  type ScoredRow,
} from "./scored-rows.ts";

/** Records of a file with what is needed to score them apart from the others, in a form that can be cloned. */
export interface BlockTask extends FileText {
  readonly block: RecordBlock;
  /** How the CSV file is written; absent for JSON lines. */
  readonly layout: CsvLayout | undefined;
  /** Key of each feature in JSON lines, where the user chose it; else by its name. */
  readonly keys?: readonly (string | undefined)[];
  /** Number of the block's first row; the file's first is 1. */
  readonly firstRow: number;
  /** Fail at the first bad row. */
  readonly strict: boolean;
  /** Most keys of a JSON line. */
  readonly maxColumns: number;
}

/** A row, and what stands between it and the one before. */
interface PlacedRow extends ScoredRow {
  readonly gap: ByteString;
}

/** The rows of a block, read and checked. */
export interface BlockRows {
  readonly firstRow: number;
  readonly rows: readonly PlacedRow[];
  /** What stands behind the last one. */
  readonly rest: ByteString;
  readonly resultsOf: (row: ScoredRow) => ResultForm;
}

/** Reads the rows of a block; fails with `invalid_input` at a bad one where it is strict. */
export type BlockReader = (task: BlockTask) => BlockRows;

interface BlockTools {
  /** What they depend on, as JSON, to tell one from another. */
  readonly key: string;
  readonly read: RowReader;
  readonly resultsOf: BlockRows["resultsOf"];
}

/** Forms of results under other names that are kept; rows of one file mostly have the same keys. */
const MAX_FORMS = 64;

function ndjsonForms(contract: Contract, { charset }: FileText): BlockRows["resultsOf"] {
  const usual = ndjsonResults(contract, charset);
  const renamed = new Map<string, ResultForm>();
  return ({ names }) => {
    if (names === undefined) return usual;
    const key = JSON.stringify(names);
    let form = renamed.get(key);
    if (form === undefined) {
      form = ndjsonResults(contract, charset, names);
      if (renamed.size === MAX_FORMS) renamed.clear();
      renamed.set(key, form);
    }
    return form;
  };
}

function readRows(
  { block, firstRow, strict }: BlockTask,
  { read, resultsOf }: BlockTools,
): BlockRows {
  const { bytes, bounds } = block;
  // One character a byte, so that what is not read is copied as it stands.
  const text = forms.byteString(bytes);
  let position = 0;
  const rows = Array.from({ length: bounds.length / 2 }, (_, index): PlacedRow => {
    const [from = 0, to = 0] = [bounds[2 * index], bounds[2 * index + 1]];
    const row = read(text.slice(from, to));
    const { faults } = row;
    // Behind a quote that is not closed no results can be written.
    if (faults.length > 0 && (strict || faults.some(({ type }) => type === "quote_not_closed"))) {
      throw badRow(firstRow + index, faults);
    }
    const gap = text.slice(position, from);
    position = to;
    return { ...row, gap };
  });
  return { firstRow, rows, rest: text.slice(position), resultsOf };
}

/** Reads blocks of files by a contract. What those of one file need is made anew when a file of another header or charset comes, which is cheap. */
export function blockReader(contract: Contract, compile: Compile): BlockReader {
  const check = featureCheck(contract, compile);
  let csv: BlockTools | undefined;
  let lines: BlockTools | undefined;
  return (task) => {
    const { layout, keys, charset, spreadsheet, maxColumns } = task;
    const key = JSON.stringify([layout, keys, charset, spreadsheet, maxColumns]);
    if (layout === undefined) {
      if (lines?.key !== key) {
        const read = ndjsonRowReader(contract, { charset, maxColumns, compile, chosen: keys });
        lines = { key, read, resultsOf: ndjsonForms(contract, task) };
      }
      return readRows(task, lines);
    }
    if (csv?.key !== key) {
      const { delimiter, decimal } = layout;
      const form: CellForm = { delimiter, decimal, charset, spreadsheet };
      const results = csvResults(contract, form);
      csv = {
        key,
        read: csvRowReader(layout, form, contract, check),
        resultsOf: () => results,
      };
    }
    return readRows(task, csv);
  };
}

/** The records of a block with their results. */
export interface BlockResult {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly badRows: number;
  readonly growth: Growth;
}

/** Writes the rows of a block with the results of the good ones, in their order. */
export function writeBlock(
  { firstRow, rows, rest, resultsOf }: BlockRows,
  results: readonly ByteString[],
): BlockResult {
  let text = "";
  let scored = 0;
  const growth = { cells: 0, errors: 0, predictions: 0 };
  for (const [index, row] of rows.entries()) {
    const { gap, before, after, faults } = row;
    growth.cells += gap.length + before.length + after.length;
    let result: ByteString;
    if (faults.length > 0) {
      result = resultsOf(row).failed(faultText(firstRow + index, faults));
      growth.errors += result.length;
    } else {
      result = results[scored] ?? "";
      growth.predictions += result.length;
      scored += 1;
    }
    text += gap + before + result + after;
  }
  return { output: forms.bytesOf(text + rest), badRows: rows.length - scored, growth };
}
