import type { Contract, FeatureInput } from "@sepal/schema/define-contract";
import { decode } from "@sepal/schema/files/charset";
import { writeCell } from "@sepal/schema/files/csv-cells";
import { jobCreated } from "@sepal/schema/job";
import { fileQuery } from "@sepal/schema/predict-file";
import { resultColumns } from "@sepal/schema/result-columns";
import { asList } from "@sepal/schema/row-encoding";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod";
import { toSepalError } from "../errors/failures.ts";
import { fileHandler } from "../files/predict-file.ts";
import { FILE_BODY, openUpload, passOver } from "../files/upload.ts";
import { asJson } from "../http/json.ts";
import type { BytesHandler } from "../http/route-table.ts";
import { submitJob } from "../operations/jobs.ts";
import { parseQuery } from "../operations/operation.ts";
import { bytes, PREDICT_ERRORS, type BytesEndpoint, type EndpointOptions } from "./endpoint.ts";
import { JOB, type ExamplePredictions } from "./examples.ts";

/** Keeps the connection of a file that is rejected while it arrives: closing it would reset it under a client that is writing. */
function keepingConnection(handle: BytesHandler): BytesHandler {
  return async (request, reply) => {
    try {
      return await handle(request, reply);
    } catch (error) {
      if (toSepalError(error).reason === "disk_full") request.exchange.failure = error;
      if (!request.raw.complete) reply.header("connection", "keep-alive");
      passOver(request.raw);
      throw error;
    }
  };
}

/** The cells of a prediction's result columns, from what responses show of it. */
const cellsOf = z.union([
  z
    .object({
      class: z.int(),
      label: z.string(),
      confidence: z.number(),
      proba: z.array(z.number()),
    })
    .transform(({ class: index, label, confidence, proba }) => [
      index,
      label,
      confidence,
      ...proba,
    ]),
  z.object({ class: z.int(), label: z.string() }).transform((row) => [row.class, row.label]),
  z
    .object({ values: z.record(z.string(), z.number()) })
    .transform(({ values }) => Object.values(values)),
  z.object({ embedding: z.array(z.number()) }).transform(({ embedding }) => [embedding]),
]);

const EXAMPLE_FORM = {
  charset: "utf-8",
  delimiter: ",",
  decimal: ".",
  spreadsheet: false,
} as const;

/** A value as a cell, quoted where it must be; a vector is JSON. */
function exampleCell(value: FeatureInput | readonly number[]): string {
  if (value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return decode(writeCell(text, EXAMPLE_FORM), "utf-8");
}

/** The contract's first example as files, and their results where a model serves. */
function exampleFiles(contract: Contract, predictions: ExamplePredictions) {
  const [{ features }] = contract.examples;
  const names = contract.features.map(({ name }) => name);
  const cells = asList(contract, features).map(exampleCell);
  const csv = `${names.join(",")}\n${cells.join(",")}\n`;
  const ndjson = `${JSON.stringify({ features })}\n`;
  const predicted = cellsOf.safeParse(predictions[contract.name]?.prediction);
  if (!predicted.success) return { csv, ndjson };
  const results = resultColumns(contract);
  const header = [...names, ...results].join(",");
  const entries = [...predicted.data, null].map((value, index) => [results[index] ?? "", value]);
  return {
    csv,
    ndjson,
    scoredCsv: `${header}\n${[...cells, ...predicted.data.map(exampleCell)].join(",")},\n`,
    scoredNdjson: `${JSON.stringify({ features, ...Object.fromEntries(entries) })}\n`,
  };
}

/**
 * Body of a route that takes a file, with the contract's first example.
 *
 * Documented as a form alone: with bodies of other types beside it, generated code does not compile (Java) or sends a
 * CSV as a JSON string (orval).
 */
function fileBody(contract: Contract) {
  const { csv } = exampleFiles(contract, {});
  const schema = z.object({
    file: z.string().meta({
      format: "binary",
      description: "Its content type or file name says which format it has.",
    }),
  });
  return {
    required: true,
    content: { "multipart/form-data": { schema, example: { file: csv } } },
  };
}

const RAW_FILE =
  "Send the file as the form part `file`, or as the body with content type `text/csv` or `application/x-ndjson`.";

const described = (description: string) => ({ description, schema: { type: "string" as const } });

/** The documented content of a scored file. */
export function scoredContent(contract: Contract, predictions: ExamplePredictions) {
  const { scoredCsv, scoredNdjson } = exampleFiles(contract, predictions);
  // A file: of a plain string, generated code reads JSON (Java).
  const schema = z.string().meta({ format: "binary" });
  return {
    "text/csv": { schema, ...(scoredCsv && { example: scoredCsv }) },
    "application/x-ndjson": { schema, ...(scoredNdjson && { example: scoredNdjson }) },
  };
}

/** The documented content of a request whose body is CSV. */
export function csvRequest(contract: Contract) {
  const example = exampleFiles(contract, {}).csv;
  return { "text/csv": { schema: { type: "string" }, example } };
}

/** The documented content of its response. */
export function csvResponse(contract: Contract, predictions: ExamplePredictions) {
  const { scoredCsv: example } = exampleFiles(contract, predictions);
  const schema = { type: "string", format: "binary" };
  return { "text/csv": { schema, ...(example && { example }) } };
}

/** Scores a file while it comes in. */
export function predictFileEndpoint(
  contract: Contract,
  prefix: "" | `/${string}`,
  { tag, workers, maxFileBytes }: EndpointOptions & { readonly tag: string },
): BytesEndpoint {
  return bytes({
    rest: {
      method: "POST",
      path: `${prefix}/predict-file`,
      ...(prefix === "" && { aliases: { v2PredictFile: "/v2/predict-file" } }),
    },
    rules: { body: FILE_BODY, maxBytes: maxFileBytes },
    models: { contract: contract.name },
    handler: keepingConnection(fileHandler({ contract, workers })),
    tag,
    summary: `Score a file of ${contract.title} rows`,
    description: `CSV whose header names the features, in any order and among other columns, or JSON lines with \`features\`. ${RAW_FILE} The result is streamed while the file is uploaded. An invalid row has an \`error\` instead of a prediction. A failure after the first rows cuts the response off.`,
    errors: PREDICT_ERRORS,
    document: (predictions) => ({
      requestParams: { query: fileQuery },
      requestBody: fileBody(contract),
      responses: {
        200: {
          description: "The file with its predictions, in the format of the request",
          headers: {
            "x-model-used": described("Name of the model that made the prediction."),
            "x-model-version": described("Its version."),
          },
          content: scoredContent(contract, predictions),
        },
      },
    }),
  });
}

const IDEMPOTENCY_KEY = {
  name: "idempotency-key",
  in: "header" as const,
  description:
    "Idempotency key: a retry with the same file and parameters returns the same job. The key is deleted with the job.",
  // 1 to 255 characters of visible ASCII, quoted or not.
  schema: {
    type: "string" as const,
    pattern: '^(?:"[ !#-\\[\\]-~]{1,255}"|[!#-~][ !#-~]{0,254})$',
  },
};

/** Visible ASCII and spaces, in quotes as the IETF draft writes a key, or bare as most clients do. */
const KEY = /^(?:"([ !#-[\]-~]{1,255})"|([!#-~][ !#-~]{0,254}))$/;

/** The client's name for an order, from `idempotency-key`; fails with `malformed_request`. */
function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, quoted, bare] = KEY.exec(String(header)) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw new SepalError("malformed_request", "idempotency-key should be 1 to 255 ASCII characters");
}

/** Handles a file that becomes a job: stores it as it comes and responds with where the job is. */
function createJobHandler(contract: Contract, maxFileBytes: number) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const query = parseQuery(fileQuery, request.query);
    const key = readKey(request.headers["idempotency-key"]);
    const { format, charset, ...source } = await openUpload(
      request.raw,
      maxFileBytes,
      query.charset,
    );
    const options = {
      ...query,
      format,
      charset,
      strict: query.strict === "true",
      spreadsheet: query.spreadsheet === "true",
      idempotency_key: key,
    };
    const keyPlace = ["header", "idempotency-key"];
    const created = await submitJob(contract, options, source, keyPlace, request.call);
    return asJson(reply.code(202).header("location", `/jobs/${created.job_id}`), created);
  };
}

/** Stores a file and queues the job that scores it. */
export function createJobEndpoint(
  contract: Contract,
  prefix: "" | `/${string}`,
  { maxFileBytes }: EndpointOptions,
): BytesEndpoint {
  const example = { job_id: JOB.job_id, status: "queued" };
  return bytes({
    rest: {
      method: "POST",
      path: `${prefix}/jobs`,
      id: prefix === "" ? "jobs-create" : `${contract.name}-jobs-create`,
    },
    rules: { body: FILE_BODY, maxBytes: maxFileBytes },
    models: { contract: contract.name },
    handler: keepingConnection(createJobHandler(contract, maxFileBytes)),
    tag: "jobs",
    summary: `Score a file of ${contract.title} rows in the background`,
    description: `${RAW_FILE} When the response arrives, the file is stored and the job is queued; both survive a restart. The job runs with the model version resolved now. With \`strict\` it fails at its first invalid row.`,
    errors: PREDICT_ERRORS,
    document: () => ({
      parameters: [IDEMPOTENCY_KEY],
      requestParams: { query: fileQuery },
      requestBody: fileBody(contract),
      responses: {
        202: {
          description: "The job is queued, or was queued by an earlier request with the same key",
          headers: { location: described("Address of the job.") },
          content: { "application/json": { schema: jobCreated, example } },
        },
      },
    }),
  });
}
