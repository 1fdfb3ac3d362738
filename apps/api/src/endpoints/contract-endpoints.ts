import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { predictBatchRequest, predictRequest } from "@sepal/schema/predict";
import { readJson } from "../http/json.ts";
import { createJobOperation } from "../operations/create-job.ts";
import { explainOperation } from "../operations/explain.ts";
import { invalidField, parseInput } from "../operations/operation.ts";
import { predictBatchOperation } from "../operations/predict-batch.ts";
import { packedRequest, predictStream, streamRequest } from "../operations/predict-stream.ts";
import { predictOperation } from "../operations/predict.ts";
import { batchHandler } from "../protocols/sse/batch-events.ts";
import { procedure } from "../protocols/trpc/init.ts";
import { COMPUTED_HEADERS, json, PREDICT_ERRORS, type EndpointOptions } from "./endpoint.ts";
import type { ExampleAnswers } from "./example-answers.ts";
import { createJobEndpoint, predictFileEndpoint } from "./file-endpoints.ts";

/** Headers of a response that the server may have kept. */
const CACHED_HEADERS = {
  ...COMPUTED_HEADERS,
  "x-cache": {
    description: "Whether the answer was kept; only where the server keeps answers.",
    schema: { type: "string", enum: ["hit", "miss"] },
  },
};

/** Computes on the main thread. */
const SINGLE = {
  rules: { sheds: true },
  errors: PREDICT_ERRORS,
  headers: CACHED_HEADERS,
} as const;
/** The same for batches, which may have any length. */
const BATCH = {
  rules: { sheds: true, maxBytes: Infinity },
  errors: PREDICT_ERRORS,
  headers: COMPUTED_HEADERS,
} as const;

const LEGACY = {
  tag: "legacy",
  summary: "For legacy clients: numbers may be strings, unknown keys are ignored",
} as const;

const EVENTS = [
  "Server-sent events, where `accept` asks for them:",
  "`progress` with `offset`, `count`, `total` and `predictions` for every `batch_size` rows,",
  "then `done` with `count`, `model_used`, `model_version` and `processing_time_ms`,",
  "or `error` with the body of the error; a comment every 15 s of silence.",
].join(" ");

/** A contract's first example as requests, and what its model says of it where it answers. */
function examplesOf(contract: Contract) {
  const [{ features }] = contract.examples;
  const answerOf = (answers: ExampleAnswers) => answers[contract.name];
  const served = (answers: ExampleAnswers) => ({
    ...answerOf(answers)?.served,
    processing_time_ms: 0.2,
  });
  const shown = (response: object | undefined, answers: ExampleAnswers) =>
    response && { response: { ...response, ...served(answers) } };
  return {
    predict: (answers: ExampleAnswers) => ({
      request: { features },
      ...shown(answerOf(answers)?.prediction, answers),
    }),
    explain: (answers: ExampleAnswers) => ({
      request: { features },
      ...shown(answerOf(answers)?.explanation, answers),
    }),
    batch: (answers: ExampleAnswers) => {
      const prediction = answerOf(answers)?.prediction;
      const response = prediction && { predictions: [prediction], count: 1 };
      return { request: { rows: [features] }, ...shown(response, answers) };
    },
    /** The stream that a batch is answered with besides JSON. */
    events: (answers: ExampleAnswers) => {
      const answered = answerOf(answers);
      const schema = { type: "string", description: EVENTS };
      if (answered === undefined) return { "text/event-stream": { schema } };
      const progress = { offset: 0, count: 1, total: 1, predictions: [answered.prediction] };
      const done = { count: 1, ...served(answers) };
      const example = `event: progress\ndata: ${JSON.stringify(progress)}\n\nevent: done\ndata: ${JSON.stringify(done)}\n\n`;
      return { "text/event-stream": { schema, example } };
    },
  };
}

/** The endpoints of one contract; `prefix` is where their REST paths begin, such as `/iris`. */
export function contractEndpoints<
  const F extends readonly FeatureSpec[],
  const C extends readonly string[],
>(contract: Contract<F, C>, prefix: "" | `/${string}`, options: EndpointOptions) {
  const { limits, lane } = options;
  const predict = predictOperation(contract);
  const predictBatch = predictBatchOperation(contract, limits);
  const tag = prefix === "" ? "predictions" : contract.name;
  const examples = examplesOf(contract);
  // `/v2` names the strict predictions of the default contract.
  const v2 = (id: string, path: `/${string}`) =>
    prefix === "" ? { aliases: { [id]: `/v2${path}` as const } } : {};
  return {
    predict: json({
      ...SINGLE,
      operation: predict,
      rest: { method: "POST", path: `${prefix}/predict`, ...v2("v2Predict", "/predict") },
      trpc: "mutation",
      tag,
      summary: `Predict one ${contract.title} row`,
      description: contract.description,
      example: examples.predict,
    }),
    predictNamed: json({
      ...SINGLE,
      operation: predict,
      rest: {
        method: "POST",
        path: `${prefix}/predict/:model_name`,
        ...v2("v2PredictNamed", "/predict/:model_name"),
      },
      trpc: false,
      from(request) {
        const { model_name }: { model_name: string } = Object(request.params);
        const input = parseInput(predict.input, readJson(request));
        if ((input.model_name ?? model_name) === model_name) {
          return { ...input, model_name };
        }
        const msg = `Input should be "${model_name}" or absent, as the path names the model`;
        throw invalidField(["body", "model_name"], msg, input.model_name);
      },
      tag,
      summary: `Predict one ${contract.title} row with a named model`,
      example: examples.predict,
    }),
    predictBatch: json({
      ...BATCH,
      operation: predictBatch,
      rest: {
        method: "POST",
        path: `${prefix}/predict-batch`,
        ...v2("v2PredictBatch", "/predict-batch"),
      },
      trpc: "mutation",
      wrap: batchHandler(contract, predictBatch.input, {
        lane,
        route: { contract: contract.name },
      }),
      batchOf: contract.name,
      tag,
      summary: `Predict many ${contract.title} rows`,
      description:
        "Answers in row order; as a stream where `accept` asks for `text/event-stream`, and over tRPC as `predictStream`.",
      example: examples.batch,
      content: examples.events,
    }),
    explain: json({
      ...SINGLE,
      operation: explainOperation(contract),
      rest: { method: "POST", path: `${prefix}/explain` },
      trpc: "mutation",
      headers: COMPUTED_HEADERS,
      tag,
      summary: `Split one ${contract.title} answer among the features`,
      description:
        "Exact Shapley values against the training rows; 422 for a model whose card says that they are not offered.",
      example: examples.explain,
    }),
    predictFile: predictFileEndpoint(contract, prefix, { ...options, tag }),
    jobs: {
      create: json({
        operation: createJobOperation(contract),
        trpc: "mutation",
        tag: "jobs",
        summary: "Queue a file that is sent as a text",
        errors: PREDICT_ERRORS,
      }),
      upload: createJobEndpoint(contract, prefix, options),
    },
    /** Yields chunks of `batch_size` answers, and returns what a batch says of its model; over `httpBatchStreamLink`. */
    predictStream: procedure.input(predictBatch.input).mutation(async ({ input, ctx }) => {
      const packed = await ctx.packed;
      const asked =
        packed === undefined ? streamRequest(contract, input) : packedRequest(contract, packed);
      return predictStream(contract, asked, ctx);
    }),
  };
}

/** The routes of legacy clients. */
export function legacyEndpoints(contract: Contract, { limits, lane }: EndpointOptions) {
  const examples = examplesOf(contract);
  const lenient = { lenient: true, limits };
  const rows = predictBatchRequest(contract, lenient);
  const route = { contract: contract.name, lenient: true };
  return {
    v1Predict: json({
      ...SINGLE,
      ...LEGACY,
      operation: { ...predictOperation(contract), input: predictRequest(contract, lenient) },
      rest: { method: "POST", path: "/v1/predict" },
      trpc: false,
      example: examples.predict,
    }),
    v1PredictBatch: json({
      ...BATCH,
      ...LEGACY,
      operation: { ...predictBatchOperation(contract, limits), input: rows },
      rest: { method: "POST", path: "/v1/predict-batch" },
      trpc: false,
      wrap: batchHandler(contract, rows, { lane, route }),
      example: examples.batch,
      content: examples.events,
    }),
  };
}
