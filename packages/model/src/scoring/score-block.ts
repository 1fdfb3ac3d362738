import type { Contract } from "@sepal/schema/define-contract";
import type { Call } from "../batching/backlog.ts";
import { Float32Texts } from "../session/decode.ts";
import type { ServedModel } from "../served-model.ts";
import { csvRowReader } from "./csv-rows.ts";
import type { CsvLayout } from "./file-format.ts";
import { ndjsonRowReader } from "./ndjson-rows.ts";
import type { Growth } from "./result-growth.ts";
import type { RecordBlock } from "./record-splitter.ts";
import { ResultEncoder } from "./result-encoder.ts";
import { badRow, faultText, featureCheck, type RowReader, type ScoredRow } from "./scored-rows.ts";

/** Records of a file with what is needed to score them apart from the others, in a form that can be cloned. */
export interface BlockTask {
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

/** The records of a block with their answers. */
export interface BlockResult {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly badRows: number;
  readonly growth: Growth;
}

/** Scores a block; fails with `invalid_input` at a bad row where it is strict. */
export type BlockScorer = (task: BlockTask, call: Call) => Promise<BlockResult>;

interface BlockTools {
  /** As JSON, to tell one from another. */
  readonly layout: string | undefined;
  readonly maxColumns: number;
  readonly read: RowReader;
  readonly encoder: ResultEncoder;
}

/** What blocks of one file need: of CSV made anew when a file of another header comes, which is cheap. */
function toolsFor(contract: Contract) {
  const check = featureCheck(contract);
  const texts = new Float32Texts();
  const make = ({ layout, maxColumns }: BlockTask): BlockTools => ({
    layout: JSON.stringify(layout),
    maxColumns,
    read:
      layout === undefined
        ? ndjsonRowReader(contract, maxColumns)
        : csvRowReader(layout, contract, check),
    encoder: new ResultEncoder(contract, layout, texts),
  });
  let ofLines: BlockTools | undefined;
  let ofCsv: BlockTools | undefined;
  return (task: BlockTask): BlockTools => {
    if (task.layout === undefined) {
      if (ofLines?.maxColumns !== task.maxColumns) ofLines = make(task);
      return ofLines;
    }
    if (ofCsv?.layout !== JSON.stringify(task.layout)) ofCsv = make(task);
    return ofCsv;
  };
}

function readRows({ block, firstRow, strict }: BlockTask, read: RowReader): ScoredRow[] {
  const { bytes, bounds } = block;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bounds.length / 2 }, (_, index) => {
    const row = read(text.toString("utf8", bounds[2 * index], bounds[2 * index + 1]));
    if (strict && row.faults.length > 0) throw badRow(firstRow + index, row.faults);
    return row;
  });
}

/** Scores blocks with a model on this thread, and yields to the event loop between runs. */
export function blockScorer(model: ServedModel): BlockScorer {
  const toolsOf = toolsFor(model.contract);
  return async (task, call) => {
    const { read, encoder } = toolsOf(task);
    const rows = readRows(task, read);
    const good = rows.filter(({ faults }) => faults.length === 0);
    const features = good.map((row) => row.features);
    const parts: string[] = [];
    for await (const chunk of model.runChunks(features, call)) {
      const { buffer, byteOffset, length } = chunk.proba;
      const bits = new Uint32Array(buffer, byteOffset, length);
      for (let row = 0; row < chunk.rows; row += 1) parts.push(encoder.answered(chunk, bits, row));
    }
    let text = "";
    let answered = 0;
    const growth = { cells: 0, errors: 0, predictions: 0 };
    for (const [index, { before, faults }] of rows.entries()) {
      growth.cells += before.length;
      if (faults.length > 0) {
        const failed = encoder.failed(faultText(task.firstRow + index, faults));
        growth.errors += failed.length;
        text += before + failed;
      } else {
        const part = parts[answered] ?? "";
        growth.predictions += part.length;
        text += before + part;
        answered += 1;
      }
    }
    const output = new Uint8Array(Buffer.from(text));
    return { output, badRows: rows.length - good.length, growth };
  };
}

/** Reads blocks as scoring would and writes nothing: fails where it would fail. */
export function blockChecker(contract: Contract): BlockScorer {
  const toolsOf = toolsFor(contract);
  return async (task) => {
    const rows = readRows(task, toolsOf(task).read);
    const badRows = rows.filter(({ faults }) => faults.length > 0).length;
    const cells = rows.reduce((sum, { before }) => sum + before.length, 0);
    const growth = { cells, errors: 0, predictions: 0 };
    return { output: new Uint8Array(0), badRows, growth };
  };
}
