import { textFeature, type Contract, type Embedding } from "@sepal/schema/define-contract";
import { predictBatchRequest, predictRequest } from "@sepal/schema/predict";
import { asList } from "@sepal/schema/row-encoding";
import { readJson } from "../http/json.ts";
import { csvInvocations, INVOCATIONS_BODY } from "./csv-invocations.ts";
import { invocationsOperation } from "../operations/invocations.ts";
import { createJobOperation } from "../operations/jobs.ts";
import { explainOperation, TEXT_UNEXPLAINED } from "../operations/explain.ts";
import { invalidField, parseInput } from "../operations/operation.ts";
import { predictBatchOperation } from "../operations/predict-batch.ts";
import { packedRequest, predictStream, streamRequest } from "../operations/predict-stream.ts";
import { predictOperation } from "../operations/predict.ts";
import { searchOperation } from "../operations/search.ts";
import { batchHandler } from "../protocols/sse/batch-events.ts";
import { procedure } from "../protocols/trpc/init.ts";
import { COMPUTED_HEADERS, json, PREDICT_ERRORS, type EndpointOptions } from "./endpoint.ts";
import { EXAMPLE_TOP_K, type ExamplePredictions } from "./examples.ts";
import {
  createJobEndpoint,
  csvRequest,
  csvResponse,
  predictFileEndpoint,
} from "./file-endpoints.ts";

/** Headers of a response that the server may have kept. */
const CACHED_HEADERS = {
  ...COMPUTED_HEADERS,
  "x-cache": {
    description: "`hit` or `miss`; present only where the response cache is on.",
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
  description: "The response is that of the route without `/v1`.",
} as const;

const EVENTS = [
  "Server-sent events, where `accept` asks for them:",
  "`progress` with `offset`, `count`, `total` and `predictions` for every `batch_size` rows,",
  "then `done` with `count`, `model_used`, `model_version` and `processing_time_ms`,",
  "or `error` with the error body. A comment is sent after every 15 s without an event.",
].join(" ");

/** A contract's first example as requests, and the responses where its model serves. */
function examplesOf(contract: Contract) {
  const [{ features }] = contract.examples;
  const predictionOf = (predictions: ExamplePredictions) => predictions[contract.name];
  const served = (predictions: ExamplePredictions) => ({
    ...predictionOf(predictions)?.served,
    processing_time_ms: 0.2,
  });
  const shown = (response: object | undefined, predictions: ExamplePredictions) =>
    response && { response: { ...response, ...served(predictions) } };
  return {
    predict: (predictions: ExamplePredictions) => ({
      request: { features },
      ...shown(predictionOf(predictions)?.prediction, predictions),
    }),
    explain: (predictions: ExamplePredictions) => ({
      request: { features },
      ...shown(predictionOf(predictions)?.explanation, predictions),
    }),
    batch: (predictions: ExamplePredictions) => {
      const prediction = predictionOf(predictions)?.prediction;
      const response = prediction && { predictions: [prediction], count: 1 };
      return { request: { rows: [features] }, ...shown(response, predictions) };
    },
    search: (predictions: ExamplePredictions) => {
      const text = String(asList(contract, features)[0]);
      const results = predictionOf(predictions)?.neighbours;
      return {
        request: { text, top_k: EXAMPLE_TOP_K },
        ...shown(results && { results }, predictions),
      };
    },
    invocations: (predictions: ExamplePredictions) => {
      const prediction = predictionOf(predictions)?.prediction;
      const columns = contract.features.map(({ name }) => name);
      const data = [asList(contract, features)];
      return {
        request: { dataframe_split: { columns, data } },
        ...(prediction && { response: { predictions: [prediction] } }),
      };
    },
    /** The stream of a batch besides JSON. */
    events: (predictions: ExamplePredictions) => {
      const predicted = predictionOf(predictions);
      const schema = { type: "string", description: EVENTS };
      if (predicted === undefined) return { "text/event-stream": { schema } };
      const progress = { offset: 0, count: 1, total: 1, predictions: [predicted.prediction] };
      const done = { count: 1, ...served(predictions) };
      const example = `event: progress\ndata: ${JSON.stringify(progress)}\n\nevent: done\ndata: ${JSON.stringify(done)}\n\n`;
      return { "text/event-stream": { schema, example } };
    },
  };
}

function searchEndpoint(contract: Embedding, prefix: "" | `/${string}`, tag: string) {
  return json({
    ...SINGLE,
    operation: searchOperation(contract),
    rest: { method: "POST", path: `${prefix}/search` },
    trpc: "mutation",
    headers: COMPUTED_HEADERS,
    models: { contract: contract.name },
    tag,
    summary: `Find the published texts of ${contract.title} that are most like a text`,
    description:
      "Cosine of the vectors, compared with every row of the version's index; `top_k` results, nearest first.",
    example: examplesOf(contract).search,
  });
}

/** Embeddings search; other contracts have no such endpoint. */
type SearchEndpoints<C extends Contract> = {
  [Name in "search" as C extends Embedding ? Name : never]: ReturnType<typeof searchEndpoint>;
};

function searchEndpoints<C extends Contract>(
  contract: C,
  prefix: "" | `/${string}`,
  tag: string,
): SearchEndpoints<C> {
  const endpoints =
    contract.task === "embedding" ? { search: searchEndpoint(contract, prefix, tag) } : {};
  // By the task, as the type says.
  return endpoints as SearchEndpoints<C>;
}

/** The endpoints of one contract; `prefix` is where their REST paths begin, such as `/iris`. */
export function contractEndpoints<C extends Contract>(
  contract: C,
  prefix: "" | `/${string}`,
  options: EndpointOptions,
) {
  const { limits, workers } = options;
  const predict = predictOperation(contract);
  const predictBatch = predictBatchOperation(contract, limits);
  const tag = prefix === "" ? "predictions" : contract.name;
  const models = { contract: contract.name };
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
      models,
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
      models,
      tag,
      summary: `Predict one ${contract.title} row with a named model`,
      description: "The path names the model; a different `model_name` in the body is rejected.",
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
        workers,
        route: { contract: contract.name },
      }),
      batchOf: contract.name,
      models,
      tag,
      summary: `Predict many ${contract.title} rows`,
      description:
        "Predictions in row order; streamed where `accept` is `text/event-stream`, and over tRPC as `predictStream`.",
      example: examples.batch,
      content: examples.events,
    }),
    explain: json({
      ...SINGLE,
      operation: explainOperation(contract),
      rest: { method: "POST", path: `${prefix}/explain` },
      trpc: "mutation",
      headers: COMPUTED_HEADERS,
      models,
      tag,
      summary: `Explain one ${contract.title} prediction`,
      description:
        textFeature(contract) === undefined
          ? "Shapley values relative to the training rows. `method` says how they were computed; a sampled result includes its standard error."
          : `Always 422: ${TEXT_UNEXPLAINED}.`,
      example: examples.explain,
    }),
    invocations: json({
      ...BATCH,
      operation: invocationsOperation(contract, predictBatch),
      rest: { method: "POST", path: `${prefix}/invocations` },
      trpc: false,
      rules: { ...BATCH.rules, body: INVOCATIONS_BODY },
      wrap: csvInvocations(contract),
      tag,
      summary: `Predict ${contract.title} rows as MLflow's scoring server takes them`,
      description:
        "`dataframe_split`, `dataframe_records`, `inputs` or `instances`, by feature name. A CSV request gets a CSV response.",
      example: examples.invocations,
      requestContent: csvRequest(contract),
      content: (predictions) => csvResponse(contract, predictions),
    }),
    ...searchEndpoints(contract, prefix, tag),
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
    /** Yields chunks of `batch_size` predictions, and returns what a batch has on its model; over `httpBatchStreamLink`. */
    predictStream: procedure.input(predictBatch.input).mutation(async ({ input, ctx }) => {
      const packed = await ctx.packed;
      const asked =
        packed === undefined ? streamRequest(contract, input) : packedRequest(contract, packed);
      return predictStream(contract, asked, ctx);
    }),
  };
}

/** The routes of legacy clients. */
export function legacyEndpoints(contract: Contract, { limits, workers }: EndpointOptions) {
  const models = { contract: contract.name };
  const examples = examplesOf(contract);
  const lenient = { lenient: true, limits };
  const rows = predictBatchRequest(contract, lenient);
  const route = { contract: contract.name, lenient: true };
  return {
    v1Predict: json({
      ...SINGLE,
      ...LEGACY,
      models,
      operation: { ...predictOperation(contract), input: predictRequest(contract, lenient) },
      rest: { method: "POST", path: "/v1/predict" },
      trpc: false,
      example: examples.predict,
    }),
    v1PredictBatch: json({
      ...BATCH,
      ...LEGACY,
      models,
      operation: { ...predictBatchOperation(contract, limits), input: rows },
      rest: { method: "POST", path: "/v1/predict-batch" },
      trpc: false,
      wrap: batchHandler(contract, rows, { workers, route }),
      example: examples.batch,
      content: examples.events,
    }),
  };
}
