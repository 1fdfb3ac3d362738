import type { ModelRegistry } from "@sepal/model/repository/registry";
import { rowSource } from "@sepal/model/batching/chunks";
import { SepalError } from "@sepal/schema/sepal-error";
import { parseJsonBytes } from "../http/json.ts";
import { parseInput } from "../operations/operation.ts";
import type { PackedBatch } from "../context.ts";
import { batchTools } from "./batch-tools.ts";
import type { ReadResult, ReadJob, ReadRowsJob } from "./worker-jobs.ts";
import { inputOf } from "./run-batch-job.ts";

/** Most that a body may weigh which the main thread parses: about 20 ms of it. */
const MAX_WEIGHT = 200_000;

/** What a key weighs, against one for a value: it may give an object a shape of its own. */
const KEY_WEIGHT = 10;

/** Characters of a text that weigh as much as a value. */
const CHARACTERS = 32;

/** Fails with `too_large` where a parsed body would hold the event loop that has to parse it again. */
function weigh(body: unknown): void {
  const open: unknown[] = [body];
  let weight = 0;
  // By hand, for a body may be nested deeper than the stack.
  while (open.length > 0) {
    const value = open.pop();
    weight += 1;
    if (typeof value === "string") weight += value.length / CHARACTERS;
    if (weight > MAX_WEIGHT) {
      throw new SepalError("too_large", "the calls hold too many values; send each by itself");
    }
    if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) {
        weight += KEY_WEIGHT;
        open.push(item);
      }
    }
  }
}

interface ReadTools {
  readonly registry: ModelRegistry;
  readonly maxBatchRows: number;
}

function readRows(
  { body, contract: name, lenient, inputKey }: ReadRowsJob,
  { registry, maxBatchRows }: ReadTools,
) {
  const { contract, strict, lenient: loose, encode } = batchTools(name, registry, { maxBatchRows });
  const parsed = inputOf(parseJsonBytes(Buffer.from(body.buffer)), inputKey);
  const { rows, ...choice } = parseInput(lenient ? loose : strict, parsed);
  const source = rowSource(rows, contract.features.length, encode);
  const { model_name, model_version, batch_size } = choice;
  return {
    kind: "readRows",
    rows: source.collate(0, source.count),
    model_name,
    model_version,
    batch_size,
  } satisfies PackedBatch;
}

/** Reads a body for the main thread; fails as the operation would. */
export function runReadJob(job: ReadJob, tools: ReadTools): ReadResult {
  if (job.kind === "readRows") return readRows(job, tools);
  weigh(parseJsonBytes(Buffer.from(job.body.buffer)));
  return { kind: "weigh" };
}
