import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import type { Call } from "../batching/backlog.ts";
import { Float32Texts } from "../session/decode.ts";
import type { ServedModel } from "../served-model.ts";
import { csvRowReader } from "./csv-rows.ts";
import type { ByteString } from "./charset.ts";
import type { CellForm } from "./csv-cells.ts";
import type { CsvLayout, FileText } from "./file-format.ts";
import { ndjsonRowReader } from "./ndjson-rows.ts";
import type { Growth } from "./result-growth.ts";
import type { RecordBlock } from "./record-splitter.ts";
import { csvResults, ndjsonResults, writeResults, type ResultForm } from "./result-form.ts";
import {
  badRow,
  faultText,
  featureCheck,
  type FeatureCheck,
  type RowReader,
  type ScoredRow,
} from "./scored-rows.ts";

/** Records of a file with what is needed to score them apart from the others, in a form that can be cloned. */
export interface BlockTask extends FileText {
  readonly block: RecordBlock;
  /** How the CSV file is written; absent for JSON lines. */
  readonly layout: CsvLayout | undefined;
  /** Number of the block's first row; the file's first is 1. */
  readonly firstRow: number;
  /** Fail at the first bad row. */
  readonly strict: boolean;
  /** Most keys of a JSON line. */
  readonly maxColumns: number;
}

/** The records of a block with their results. */
export interface BlockResult {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly badRows: number;
  readonly growth: Growth;
}

/** Scores a block; fails with `invalid_input` at a bad row where it is strict. */
export type BlockScorer = (task: BlockTask, call: Call) => Promise<BlockResult>;

interface BlockTools {
  /** What they depend on, as JSON, to tell one from another. */
  readonly key: string;
  readonly read: RowReader;
  readonly resultsOf: (row: ScoredRow) => ResultForm;
}

/** Forms of results under other names that are kept; rows of one file mostly have the same keys. */
const MAX_FORMS = 64;

function csvTools(
  { columns, ...dialect }: CsvLayout,
  text: FileText,
  contract: Contract,
  check: FeatureCheck,
): Omit<BlockTools, "key"> {
  const form: CellForm = { ...dialect, ...text };
  const results = csvResults(contract, form);
  return { read: csvRowReader(columns, form, contract, check), resultsOf: () => results };
}

function ndjsonTools(
  { charset, maxColumns }: BlockTask,
  contract: Contract,
): Omit<BlockTools, "key"> {
  const usual = ndjsonResults(contract, charset);
  const renamed = new Map<string, ResultForm>();
  return {
    read: ndjsonRowReader(contract, charset, maxColumns),
    resultsOf({ names }) {
      if (names === undefined) return usual;
      const key = JSON.stringify(names);
      let form = renamed.get(key);
      if (form === undefined) {
        form = ndjsonResults(contract, charset, names);
        if (renamed.size === MAX_FORMS) renamed.clear();
        renamed.set(key, form);
      }
      return form;
    },
  };
}

/** What blocks of one file need: made anew when a file of another header or charset comes, which is cheap. */
function toolsFor(contract: Contract) {
  const check = featureCheck(contract);
  let csv: BlockTools | undefined;
  let lines: BlockTools | undefined;
  return (task: BlockTask): BlockTools => {
    const { layout, charset, spreadsheet, maxColumns } = task;
    const key = JSON.stringify([layout, charset, spreadsheet, maxColumns]);
    if (layout === undefined) {
      if (lines?.key !== key) lines = { key, ...ndjsonTools(task, contract) };
      return lines;
    }
    if (csv?.key !== key) {
      csv = { key, ...csvTools(layout, { charset, spreadsheet }, contract, check) };
    }
    return csv;
  };
}

/** A row, and what stands between it and the one before. */
interface PlacedRow extends ScoredRow {
  readonly gap: ByteString;
}

function readRows({ block, firstRow, strict }: BlockTask, read: RowReader) {
  const { bytes, bounds } = block;
  // One character a byte, so that what is not read is copied as it stands.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
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
  return { rows, rest: text.slice(position) };
}

/** Scores blocks with a model on this thread, yielding to other work between executions. */
export function blockScorer(model: ServedModel): BlockScorer {
  const toolsOf = toolsFor(model.contract);
  const texts = new Float32Texts();
  return async (task, call) => {
    const { read, resultsOf } = toolsOf(task);
    const { rows, rest } = readRows(task, read);
    const good = rows.filter(({ faults }) => faults.length === 0);
    const features = good.map((row) => row.features);
    const parts: ByteString[] = [];
    for await (const chunk of model.runChunks(features, call)) {
      const { buffer, byteOffset, length } = chunk.proba;
      const bits = new Uint32Array(buffer, byteOffset, length);
      for (let row = 0; row < chunk.rows; row += 1) {
        const placed = good[parts.length];
        if (placed === undefined)
          throw new SepalError("internal", "the model predicted too many rows");
        parts.push(writeResults(chunk, bits, row, resultsOf(placed), texts));
      }
    }
    let text = "";
    let scored = 0;
    const growth = { cells: 0, errors: 0, predictions: 0 };
    for (const [index, row] of rows.entries()) {
      const { gap, before, after, faults } = row;
      growth.cells += gap.length + before.length + after.length;
      let results: ByteString;
      if (faults.length > 0) {
        results = resultsOf(row).failed(faultText(task.firstRow + index, faults));
        growth.errors += results.length;
      } else {
        results = parts[scored] ?? "";
        growth.predictions += results.length;
        scored += 1;
      }
      text += gap + before + results + after;
    }
    const output = new Uint8Array(Buffer.from(text + rest, "latin1"));
    return { output, badRows: rows.length - good.length, growth };
  };
}

/** Reads blocks as scoring would and writes nothing: fails where it would fail. */
export function blockChecker(contract: Contract): BlockScorer {
  const toolsOf = toolsFor(contract);
  return async (task) => {
    const { rows } = readRows(task, toolsOf(task).read);
    const badRows = rows.filter(({ faults }) => faults.length > 0).length;
    const cells = rows.reduce((sum, row) => sum + row.gap.length + row.before.length, 0);
    const growth = { cells, errors: 0, predictions: 0 };
    return { output: new Uint8Array(0), badRows, growth };
  };
}
