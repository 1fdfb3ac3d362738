import { modelRows } from "@sepal/model/batching/chunks";
import { mustBePredictions, numbersOf } from "@sepal/schema/prediction-reader";
import type { ServedModel } from "@sepal/model/served-model";
import { outputShape, type Contract } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import { predictBatchRequest } from "@sepal/schema/predict";
import { rowEncoder, type ModelRow } from "@sepal/schema/row-encoding";
import { SepalError } from "@sepal/schema/sepal-error";
import * as z from "zod";
import { noteServed, parseInput } from "../operation.ts";
import type { CallContext } from "../../context.ts";
import { readRawRows, readRows } from "./feature-rows.ts";
import { writeResponse, type InferResponse, type OutputTensor } from "./infer-response.ts";
import {
  badRequest,
  readHead,
  readOutputs,
  type InferBytes,
  type RequestedOutput,
} from "./infer-request.ts";
import { FEATURES, outputTensors, takesFeatures } from "./tensors.ts";

interface InferInput {
  readonly rows: unknown[][];
  readonly id: string | undefined;
  readonly outputs: readonly RequestedOutput[];
}

function readRequest(
  { body, headerLength }: InferBytes,
  contract: Contract,
  limits: RequestLimits,
): InferInput {
  const names = outputTensors(contract).map(({ name }) => name);
  if (headerLength === 0) {
    const outputs = names.map((name) => ({ name, binary: true }));
    return { rows: readRawRows(body, contract, limits), id: undefined, outputs };
  }
  const request = readHead(body, headerLength);
  const outputs = readOutputs(request, names);
  const tail = body.subarray(headerLength ?? body.length);
  return { rows: readRows(request, tail, contract, limits), id: request.id ?? undefined, outputs };
}

/** The first broken rule of the contract in the terms of the protocol: tensor, row and feature. */
function inTensorTerms(error: unknown, contract: Contract): unknown {
  if (!(error instanceof SepalError) || error.validation === undefined) return error;
  const { entries, total, cut } = error.validation;
  const [{ loc, msg } = { loc: [], msg: error.message }] = entries;
  const [, , row, column] = loc;
  const feature = contract.features[Number(column)]?.name ?? String(column);
  const others = total > 1 ? ` (and ${cut === true ? "at least " : ""}${total - 1} more)` : "";
  const place =
    takesFeatures(contract) === "must"
      ? `input "${FEATURES}", row ${row}, feature "${feature}"`
      : `input "${feature}", row ${row}`;
  return badRequest(`${place}: ${msg}${others}`);
}

/** The results of a model as the tensors of its outputs: those of a regression one by one. */
function asTensors(
  contract: Contract,
  classes: BigInt64Array<ArrayBuffer>,
  values: Float32Array<ArrayBuffer>,
  rows: number,
): OutputTensor[] {
  if (contract.task === "regression") {
    const { length } = contract.targets;
    return contract.targets.map(({ name }, target) => {
      const data = Float32Array.from(
        { length: rows },
        (_, row) => values[row * length + target] ?? NaN,
      );
      return { name, shape: [rows], data };
    });
  }
  if (contract.task === "embedding") {
    return [{ name: "embedding", shape: [rows, contract.dimensions], data: values }];
  }
  const label = { name: "class", shape: [rows], data: classes };
  if (contract.probabilities === false) return [label];
  return [label, { name: "proba", shape: [rows, contract.classes.length], data: values }];
}

async function runModel(
  model: ServedModel,
  rows: readonly ModelRow[],
  context: CallContext,
): Promise<OutputTensor[]> {
  const { name, version, contract } = model;
  const { hasClass, width } = outputShape(contract);
  const classes = new BigInt64Array(hasClass ? rows.length : 0);
  const values = new Float32Array(rows.length * width);
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) {
    const { prediction, startedAt, queueMs, computeMs } = await model.predict(first, context);
    if ("class" in prediction) classes[0] = BigInt(prediction.class);
    values.set(numbersOf(prediction));
    noteServed(context, { model: name, version, rows: 1, startedAt, queueMs, computeMs });
    return asTensors(contract, classes, values, 1);
  }
  let done = 0;
  const since = performance.now();
  let startedAt: number | undefined;
  let computeMs = 0;
  const { cancelled, deadline } = context;
  const source = modelRows(rows, contract.features.length);
  for await (const chunk of model.runBatch(source, { cancelled, deadline })) {
    mustBePredictions(chunk, chunk.rows, contract);
    classes.set(chunk.classes, hasClass ? done : 0);
    values.set(chunk.values, done * width);
    done += chunk.rows;
    startedAt ??= chunk.started;
    computeMs += chunk.ended - chunk.started;
  }
  const queueMs = startedAt === undefined ? undefined : startedAt - since;
  noteServed(context, { model: name, version, rows: rows.length, startedAt, queueMs, computeMs });
  return asTensors(contract, classes, values, rows.length);
}

/** Makes the function that computes inference requests, from bytes to bytes. */
export function createInfer(limits: RequestLimits) {
  // By the contract itself: a mounted one may be replaced by another of its name.
  const known = new WeakMap<Contract, ReturnType<typeof toolsFor>>();
  const toolsFor = (contract: Contract) => ({
    schema: z.compile(predictBatchRequest(contract, { limits }), { strict: true }),
    encode: rowEncoder(contract),
  });
  const toolsOf = (contract: Contract) => {
    const tools = known.get(contract) ?? toolsFor(contract);
    known.set(contract, tools);
    return tools;
  };
  return async (request: InferBytes, context: CallContext): Promise<InferResponse> => {
    const model = context.services.registry.resolve(request.model, request.version);
    const { contract } = model;
    const { schema, encode } = toolsOf(contract);
    const { rows: unchecked, id, outputs } = readRequest(request, contract, limits);
    let rows: readonly ModelRow[];
    try {
      rows = parseInput(schema, { rows: unchecked }).rows.map(encode);
    } catch (error) {
      throw inTensorTerms(error, contract);
    }
    const tensors = await runModel(model, rows, context);
    return writeResponse(model, tensors, { id, outputs });
  };
}

/** See {@link createInfer}. */
export type Infer = ReturnType<typeof createInfer>;
