import { mustBeAnswers } from "@sepal/model/session/decode";
import type { ServedModel } from "@sepal/model/served-model";
import type { Contract } from "@sepal/schema/define-contract";
import type { RequestLimits } from "@sepal/schema/limits";
import { predictBatchRequest } from "@sepal/schema/predict";
import { SepalError } from "@sepal/schema/sepal-error";
import * as z from "zod";
import { parseInput } from "../operation.ts";
import { noteServed } from "../operation.ts";
import type { CallContext } from "../../context.ts";
import { readRawRows, readRows, INPUT_NAME } from "./feature-rows.ts";
import { writeResponse, type InferResponse, type OutputTensors } from "./infer-response.ts";
import {
  badRequest,
  OUTPUT_NAMES,
  readHead,
  readOutputs,
  type InferBytes,
  type RequestedOutput,
} from "./infer-request.ts";

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
  if (headerLength === 0) {
    const outputs = OUTPUT_NAMES.map((name) => ({ name, binary: true }));
    return { rows: readRawRows(body, contract, limits), id: undefined, outputs };
  }
  const request = readHead(body, headerLength);
  const outputs = readOutputs(request);
  const tail = body.subarray(headerLength ?? body.length);
  return { rows: readRows(request, tail, contract, limits), id: request.id ?? undefined, outputs };
}

/** The first broken rule of the contract in the terms of the protocol: tensor, row and feature. */
function inTensorTerms(error: unknown, { features }: Contract): unknown {
  if (!(error instanceof SepalError) || error.validation === undefined) return error;
  const { entries, total, cut } = error.validation;
  const [{ loc, msg } = { loc: [], msg: error.message }] = entries;
  const [, , row, column] = loc;
  const feature = features[Number(column)]?.name ?? String(column);
  const others = total > 1 ? ` (and ${cut === true ? "at least " : ""}${total - 1} more)` : "";
  return badRequest(`input "${INPUT_NAME}", row ${row}, feature "${feature}": ${msg}${others}`);
}

async function runModel(
  model: ServedModel,
  rows: readonly (readonly number[])[],
  context: CallContext,
): Promise<OutputTensors> {
  const width = model.contract.classes.length;
  const classes = new BigInt64Array(rows.length);
  const proba = new Float32Array(rows.length * width);
  const { name, version } = model;
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) {
    const prediction = await model.predict(first, context);
    classes[0] = BigInt(prediction.class);
    proba.set(prediction.proba);
    const { startedAt, queueMs, computeMs } = prediction;
    noteServed(context, { model: name, version, rows: 1, startedAt, queueMs, computeMs });
    return { rows: 1, classes, proba };
  }
  let done = 0;
  const since = performance.now();
  let startedAt: number | undefined;
  let computeMs = 0;
  const { cancelled, deadline } = context;
  for await (const chunk of model.runChunks(rows, { cancelled, deadline })) {
    mustBeAnswers(chunk, chunk.rows, width);
    classes.set(chunk.classes, done);
    proba.set(chunk.proba, done * width);
    done += chunk.rows;
    startedAt ??= chunk.started;
    computeMs += chunk.ended - chunk.started;
  }
  const queueMs = startedAt === undefined ? undefined : startedAt - since;
  noteServed(context, {
    model: name,
    version,
    rows: rows.length,
    startedAt,
    queueMs,
    computeMs,
  });
  return { rows: rows.length, classes, proba };
}

/** Makes the function that computes inference requests, from bytes to bytes. */
export function createInfer(limits: RequestLimits) {
  const schemas = new Map<string, ReturnType<typeof rowsSchema>>();
  const rowsSchema = (contract: Contract) =>
    z.compile(predictBatchRequest(contract, { limits }), { strict: true });
  const schemaOf = (contract: Contract) => {
    const schema = schemas.get(contract.name) ?? rowsSchema(contract);
    schemas.set(contract.name, schema);
    return schema;
  };
  return async (request: InferBytes, context: CallContext): Promise<InferResponse> => {
    const model = context.services.registry.resolve(request.model, request.version);
    const { contract } = model;
    const { rows: unchecked, id, outputs } = readRequest(request, contract, limits);
    let rows: readonly (readonly number[])[];
    try {
      ({ rows } = parseInput(schemaOf(contract), { rows: unchecked }));
    } catch (error) {
      throw inTensorTerms(error, contract);
    }
    const tensors = await runModel(model, rows, context);
    return writeResponse(model, tensors, { id, outputs });
  };
}

/** See {@link createInfer}. */
export type Infer = ReturnType<typeof createInfer>;
