import type { Contract } from "@sepal/schema/define-contract";
import {
  blockReader,
  writeBlock,
  type BlockResult,
  type BlockTask,
} from "@sepal/schema/files/block-rows";
import type { ByteString } from "@sepal/schema/files/bytes";
import { writeResults } from "@sepal/schema/files/result-form";
import { compiled } from "@sepal/schema/files/scored-rows";
import { Float32Texts } from "@sepal/schema/float32-texts";
import { SepalError } from "@sepal/schema/sepal-error";
import { modelRows } from "../batching/chunks.ts";
import type { Call } from "../batching/backlog.ts";
import type { ServedModel } from "../served-model.ts";

/** Scores a block; fails with `invalid_input` at a bad row where it is strict. */
export type BlockScorer = (task: BlockTask, call: Call) => Promise<BlockResult>;

/** Scores blocks with a model on this thread, yielding to other work between executions. */
export function blockScorer(model: ServedModel): BlockScorer {
  const read = blockReader(model.contract, compiled);
  const texts = new Float32Texts();
  const width = model.contract.features.length;
  return async (task, call) => {
    const block = read(task);
    const good = block.rows.filter(({ faults }) => faults.length === 0);
    const source = modelRows(
      good.map((row) => row.features),
      width,
    );
    const results: ByteString[] = [];
    for await (const chunk of model.runBatch(source, call)) {
      const { buffer, byteOffset, length } = chunk.values;
      const bits = new Uint32Array(buffer, byteOffset, length);
      for (let row = 0; row < chunk.rows; row += 1) {
        const placed = good[results.length];
        if (placed === undefined) {
          throw new SepalError("internal", "the model predicted too many rows");
        }
        results.push(writeResults(chunk, bits, row, block.resultsOf(placed), texts));
      }
    }
    return writeBlock(block, results);
  };
}

/** Reads blocks as scoring would and writes nothing: fails where it would fail. */
export function blockChecker(contract: Contract): BlockScorer {
  const read = blockReader(contract, compiled);
  return async (task) => {
    const { rows } = read(task);
    const badRows = rows.filter(({ faults }) => faults.length > 0).length;
    const cells = rows.reduce((sum, row) => sum + row.gap.length + row.before.length, 0);
    const growth = { cells, errors: 0, predictions: 0 };
    return { output: new Uint8Array(0), badRows, growth };
  };
}
