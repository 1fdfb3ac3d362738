import type { Contract } from "@sepal/schema/define-contract";
import { jobCreated } from "@sepal/schema/job";
import { fileQuery } from "@sepal/schema/predict-file";
import { resultColumns } from "@sepal/schema/result-columns";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod";
import { toSepalError } from "../errors/to-sepal-error.ts";
import { fileHandler } from "../files/predict-file.ts";
import { FILE_BODY, openUpload, passOver } from "../files/upload.ts";
import { asJson } from "../http/json.ts";
import type { RestHandler } from "../http/route-rules.ts";
import { submitJob } from "../operations/create-job.ts";
import { parseQuery } from "../operations/operation.ts";
import { bytes, PREDICT_ERRORS, type BytesEndpoint, type EndpointOptions } from "./endpoint.ts";
import type { ExampleAnswers } from "./example-answers.ts";
import { JOB } from "./examples.ts";

/** Keeps the connection of a file that is rejected while it arrives: closing it would reset it under a client that is writing. */
function keepingConnection(handle: RestHandler): RestHandler {
  return async (request, reply) => {
    try {
      return await handle(request, reply);
    } catch (error) {
      if (toSepalError(error).reason === "disk_full") request.failure = error;
      if (!request.raw.complete) reply.header("connection", "keep-alive");
      passOver(request.raw);
      throw error;
    }
  };
}

/** The answer of a row as it stands in a file. */
const row = z.object({ label: z.string(), confidence: z.number(), proba: z.array(z.number()) });

/** The contract's first example as files, and what comes back for them where a model answers. */
function exampleFiles(contract: Contract, answers: ExampleAnswers) {
  const [{ features }] = contract.examples;
  const names = contract.features.map(({ name }) => name);
  const csv = `${names.join(",")}\n${features.join(",")}\n`;
  const ndjson = `${JSON.stringify({ features })}\n`;
  const answered = row.safeParse(answers[contract.name]?.prediction);
  if (!answered.success) return { csv, ndjson };
  const { label, confidence, proba } = answered.data;
  const cells = [contract.classes.indexOf(label), label, confidence, ...proba];
  const results = resultColumns(contract);
  const header = [...names, ...results].join(",");
  const entries = [...cells, null].map((value, index) => [results[index] ?? "", value]);
  return {
    csv,
    ndjson,
    scoredCsv: `${header}\n${[...features, ...cells].join(",")},\n`,
    scoredNdjson: `${JSON.stringify({ features, ...Object.fromEntries(entries) })}\n`,
  };
}

/** Body of a route that takes a file, with the contract's first example. */
function fileBody(contract: Contract) {
  const { csv, ndjson } = exampleFiles(contract, {});
  const schema = z.string();
  const form = z.object({
    file: z
      .string()
      .meta({ format: "binary", description: "Its type or its name says which format it has." }),
  });
  return {
    required: true,
    content: {
      "text/csv": { schema, example: csv },
      "application/x-ndjson": { schema, example: ndjson },
      "multipart/form-data": { schema: form },
    },
  };
}

const described = (description: string) => ({ description, schema: { type: "string" as const } });

/** The documented content of a scored file. */
export function scoredContent(contract: Contract, answers: ExampleAnswers) {
  const { scoredCsv, scoredNdjson } = exampleFiles(contract, answers);
  const schema = z.string();
  return {
    "text/csv": { schema, ...(scoredCsv && { example: scoredCsv }) },
    "application/x-ndjson": { schema, ...(scoredNdjson && { example: scoredNdjson }) },
  };
}

/** Scores a file while it comes in. */
export function predictFileEndpoint(
  contract: Contract,
  prefix: "" | `/${string}`,
  { tag, lane, maxFileBytes }: EndpointOptions & { readonly tag: string },
): BytesEndpoint {
  return bytes({
    rest: {
      method: "POST",
      path: `${prefix}/predict-file`,
      ...(prefix === "" && { aliases: { v2PredictFile: "/v2/predict-file" } }),
    },
    rules: { body: FILE_BODY, maxBytes: maxFileBytes },
    handler: keepingConnection(fileHandler({ contract, lane })),
    tag,
    summary: `Score a file of ${contract.title} rows`,
    description:
      "CSV whose header names the features, in any order and among other columns, or JSON lines with `features`. The result is sent while the file comes in; a row that breaks a rule has an `error` instead of an answer. A failure after the first rows cuts the answer off.",
    errors: PREDICT_ERRORS,
    document: (answers) => ({
      requestParams: { query: fileQuery },
      requestBody: fileBody(contract),
      responses: {
        200: {
          description: "The file with its answers, in its own format",
          headers: {
            "x-model-used": described("Name of the model that answered."),
            "x-model-version": described("Its version."),
          },
          content: scoredContent(contract, answers),
        },
      },
    }),
  });
}

const IDEMPOTENCY_KEY = {
  name: "idempotency-key",
  in: "header" as const,
  description:
    "Name of this order: sent again with the same file and parameters, it answers the same job. It is forgotten with the job.",
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

/** Handles a file that becomes a job: stores it as it comes and answers with where the job is. */
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
    handler: keepingConnection(createJobHandler(contract, maxFileBytes)),
    tag: "jobs",
    summary: `Score a file of ${contract.title} rows in the background`,
    description:
      "The file is stored and the job queued when the answer comes; both survive the end of the server. It runs with the model that is chosen now. With `strict` it fails at its first bad row.",
    errors: PREDICT_ERRORS,
    document: () => ({
      parameters: [IDEMPOTENCY_KEY],
      requestParams: { query: fileQuery },
      requestBody: fileBody(contract),
      responses: {
        202: {
          description: "The job is queued, or was by an earlier request with the same key",
          headers: { location: described("Address of the job.") },
          content: { "application/json": { schema: jobCreated, example } },
        },
      },
    }),
  });
}
