import { defaultContract } from "@sepal/schema/contracts/index";
import {
  inferenceRequest,
  inferenceResponse,
  repositoryIndex,
  repositoryIndexRequest,
  repositoryModelRequest,
} from "@sepal/schema/inference";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod";
import type { CallContext } from "../context.ts";
import { parseJsonBytes } from "../http/json.ts";
import { ANY_BODY } from "../http/route-table.ts";
import { readiness } from "../operations/health.ts";
import { createInfer } from "../operations/infer/infer.ts";
import { readHeaderLength } from "../operations/infer/infer-request.ts";
import { inputTensors, outputTensors } from "../operations/infer/tensors.ts";
import { indexRepository } from "../operations/model-cards.ts";
import { parseInput } from "../operations/operation.ts";
import { VERSION } from "../version.ts";
import {
  bytes,
  COMPUTED_HEADERS,
  PREDICT_ERRORS,
  STRAY_BODY_ERRORS,
  jsonResponse,
  pathParameters,
  type EndpointOptions,
} from "./endpoint.ts";
import { sendInfer } from "./send-infer.ts";

const OIP = { tag: "open inference protocol", format: "oip" } as const;
const READ_MODEL = { ...OIP, models: {}, errors: ["not_found"] } as const;
const REPOSITORY = { ...OIP, errors: [...STRAY_BODY_ERRORS, "not_found"] } as const;

const OIP_MODEL = {
  name: "iris-forest",
  versions: ["1"],
  platform: "onnx_onnxv1",
  inputs: [{ name: "features", datatype: "FP32", shape: [-1, 4] }],
  outputs: [
    { name: "class", datatype: "INT64", shape: [-1] },
    { name: "proba", datatype: "FP32", shape: [-1, 3] },
  ],
};
const OIP_SERVER = { name: "sepal", version: VERSION, extensions: ["binary_tensor_data"] };
const OIP_READY = { name: "iris-forest", ready: true };

const tensor = z
  .object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) })
  .meta({ id: "TensorMetadata" });

const modelMetadata = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(tensor),
    outputs: z.array(tensor),
  })
  .meta({ id: "InferenceModelMetadata" });

const serverMetadata = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

const serverReady = z.object({ live: z.boolean(), ready: z.boolean() });
const modelReady = z.object({ name: z.string(), ready: z.boolean() });
const modelNotReady = modelReady.extend({ error: z.string() });

const binary = z.string().meta({ format: "binary" });

const headerLength = {
  "inference-header-content-length": {
    description: "Length of the JSON part in bytes, where binary tensors follow it.",
    schema: { type: "integer" as const, minimum: 0 },
  },
};

const INFER_DESCRIPTION = `Tensors as JSON, or as little-endian bytes after the JSON with
\`inference-header-content-length\` saying how long the JSON is; 0 there and nothing but the bytes
of the input return all outputs as bytes. The content type of the request is ignored.`;

const [{ features }] = defaultContract.examples;
const INPUT = { name: "features", shape: [1, features.length], datatype: "FP32" };
const proba = defaultContract.classes.map((_, index) => (index === 0 ? 1 : 0));
const PROBA = { name: "proba", datatype: "FP32", shape: [1, proba.length] };
const SERVED = { model_name: "iris-forest", model_version: "1", id: "42" };

const REQUEST = { id: "42", inputs: [{ ...INPUT, data: features }] };
const RESPONSE = {
  ...SERVED,
  outputs: [
    { name: "class", datatype: "INT64", shape: [1], data: [0] },
    { ...PROBA, data: proba },
  ],
};

const binarySize = (size: number) => ({ parameters: { binary_data_size: size } });

const BINARY_RESPONSE = `${JSON.stringify({
  ...SERVED,
  outputs: [{ ...PROBA, ...binarySize(4 * proba.length) }],
})}<${4 * proba.length} bytes>`;

/** Responses of a server with the models Sepal comes with. */
const REPOSITORY_INDEX = [
  "diabetes-boosting",
  "diabetes-ridge",
  "iris-forest",
  "iris-logistic",
  "iris-mlp",
  "penguins-forest",
  "penguins-logistic",
  "speeches-logistic",
  "speeches-svd",
  "wine-forest",
].map((name) => ({ name, version: "1", state: "READY", reason: "" }));

function body(schema: z.ZodType, example: object) {
  return { required: false, content: { "application/json": { schema, example } } };
}

interface ModelParams {
  readonly model_name: string;
  readonly model_version?: string;
}

function paramsOf({ params }: FastifyRequest): ModelParams {
  return Object(params);
}

/** Sends JSON whose content type is exactly `application/json`: as bytes, because Fastify adds a charset to text. */
function sendOip(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(JSON.stringify(value)));
}

/** The body as the protocol has it; an empty one stands for an empty object, as its clients send it. */
function readBody<T>({ body }: FastifyRequest, schema: z.ZodType<T>): T {
  const empty = !Buffer.isBuffer(body) || body.length === 0;
  return parseInput(schema, empty ? {} : parseJsonBytes(body));
}

/** What Triton takes to load a model from the request itself: here the files are the truth. */
function refuseOverrides(parameters: object | null | undefined): void {
  for (const name of Object.keys(parameters ?? {})) {
    if (name !== "config" && !name.startsWith("file:")) continue;
    const message = `parameter "${name}" is not supported: models are loaded from their files`;
    throw new SepalError("malformed_request", message);
  }
}

/** Server metadata, live and ready. */
function serverEndpoints(admins: boolean) {
  // The extension takes its three routes, of which two are for admins.
  const repository = admins ? ["model_repository", "model_repository(unload_dependents)"] : [];
  const server = { ...OIP_SERVER, extensions: [...OIP_SERVER.extensions, ...repository] };
  return {
    oipServer: bytes({
      ...OIP,
      // With the slash as the protocol's OpenAPI document has it, without as its text has it.
      rest: { method: "GET", path: "/v2", aliases: { oipServerSlash: "/v2/" } },
      handler: (_request, reply) => sendOip(reply, server),
      summary: "Server metadata",
      description: "Name and version of the server, and the protocol extensions it supports.",
      document: () => ({ responses: jsonResponse(serverMetadata, OIP_SERVER) }),
    }),
    oipLive: bytes({
      ...OIP,
      rest: { method: "GET", path: "/v2/health/live" },
      rules: { access: "open", probe: true },
      handler: (_request, reply) => sendOip(reply, { live: true }),
      summary: "Server live",
      description: "As `GET /health/live`.",
      document: () => ({
        responses: jsonResponse(z.object({ live: z.boolean() }), { live: true }),
      }),
    }),
    oipReady: bytes({
      ...OIP,
      rest: { method: "GET", path: "/v2/health/ready" },
      rules: { access: "open", probe: true },
      async handler({ call }, reply) {
        const ready = (await readiness(call.services)).status === "ready";
        // The text of the protocol has `live`, its clients read `ready`.
        return sendOip(reply.code(ready ? 200 : 503), { live: true, ready });
      },
      summary: "Server ready",
      description:
        "As `GET /health/ready`: 503 while the default or a required model is not ready.",
      document: () => ({
        responses: {
          ...jsonResponse(serverReady, { live: true, ready: true }),
          503: notReady(serverReady),
        },
      }),
    }),
  };
}

function notReady(schema: z.ZodType) {
  return { description: "Not ready", content: { "application/json": { schema } } };
}

function metadata({ registry }: CallContext["services"], params: ModelParams) {
  const model = registry.resolve(params.model_name, params.model_version);
  return {
    name: model.name,
    versions: [...registry.model(model.name).versions.keys()],
    platform: "onnx_onnxv1",
    inputs: inputTensors(model.contract),
    outputs: outputTensors(model.contract),
  };
}

/** An unknown model fails; one that does not serve is not ready, with the reason. */
function unready({ registry }: CallContext["services"], params: ModelParams) {
  try {
    registry.resolve(params.model_name, params.model_version);
    return undefined;
  } catch (error) {
    if (error instanceof SepalError && error.code === "unavailable") return error;
    throw error;
  }
}

/** Metadata, readiness and inference of the models at a path; large requests go to a worker thread. */
function modelEndpoints(
  id: "oip" | "oipVersion",
  path: `/${string}`,
  { limits, workers }: EndpointOptions,
) {
  const version = id === "oipVersion";
  const requestParams = { path: pathParameters(path) };
  const infer = createInfer(limits);
  return {
    [version ? id : "oipModel"]: bytes({
      ...READ_MODEL,
      rest: { method: "GET", path },
      handler: (request, reply) =>
        sendOip(reply, metadata(request.call.services, paramsOf(request))),
      summary: version ? "Metadata of a version" : "Model metadata",
      description: "The versions of the model, and its tensors with their types and shapes.",
      document: () => ({ requestParams, responses: jsonResponse(modelMetadata, OIP_MODEL) }),
    }),
    [version ? "oipVersionReady" : "oipModelReady"]: bytes({
      ...READ_MODEL,
      rest: { method: "GET", path: `${path}/ready` },
      handler(request, reply) {
        const params = paramsOf(request);
        const name = params.model_name;
        const failure = unready(request.call.services, params);
        if (failure === undefined) return sendOip(reply, { name, ready: true });
        const { status, headers, message } = failure;
        return sendOip(reply.code(status).headers(headers), { name, ready: false, error: message });
      },
      summary: version ? "Version ready" : "Model ready",
      description: "503 with the reason while it is not ready.",
      document: () => ({
        requestParams,
        responses: { ...jsonResponse(modelReady, OIP_READY), 503: notReady(modelNotReady) },
      }),
    }),
    [`${id}Infer`]: bytes({
      ...OIP,
      models: {},
      rest: { method: "POST", path: `${path}/infer` },
      rules: { body: ANY_BODY, maxBytes: Infinity, sheds: true },
      async handler(request, reply) {
        const { model_name: model, model_version: version } = paramsOf(request);
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const header = request.headers["inference-header-content-length"];
        const headerLength = readHeaderLength(header, body.length);
        const response =
          workers?.takes(request.exchange) === true
            ? await workers.infer(request.exchange, { model, version, headerLength })
            : await infer({ model, version, body, headerLength }, request.call);
        return sendInfer(request, reply, response);
      },
      errors: PREDICT_ERRORS,
      headers: COMPUTED_HEADERS,
      summary: version ? "Inference with a version" : "Inference",
      description: INFER_DESCRIPTION,
      document: () => ({
        // Without the header of binary bodies: tools that send every parameter would send it with JSON.
        requestParams,
        requestBody: {
          required: true,
          // With another content type beside it, generated code sends neither (orval).
          content: { "application/json": { schema: inferenceRequest, example: REQUEST } },
        },
        responses: {
          200: {
            description: "Successful response",
            headers: headerLength,
            content: {
              "application/json": { schema: inferenceResponse, example: RESPONSE },
              "application/octet-stream": { schema: binary, example: BINARY_RESPONSE },
            },
          },
        },
      }),
    }),
  };
}

/** Loading and unloading are for admins. */
function changeEndpoint(
  change: "load" | "unload",
  text: { readonly summary: string; readonly description: string },
) {
  return bytes({
    ...REPOSITORY,
    ...text,
    rest: { method: "POST", path: `/v2/repository/models/:model_name/${change}` },
    rules: { access: "admin", body: ANY_BODY },
    async handler(request, reply) {
      const { parameters } = readBody(request, repositoryModelRequest);
      if (change === "load") refuseOverrides(parameters);
      // Absent in worker threads alone, which have no routes.
      await request.call.services.repository?.[change](paramsOf(request).model_name);
      return reply.send();
    },
    document: () => ({
      requestParams: { path: pathParameters("/:model_name") },
      requestBody: body(repositoryModelRequest, {}),
      responses: {
        200: { description: "Done in all server processes; the body is empty" },
      },
    }),
  });
}

/** The Open Inference Protocol with its model repository extension. */
export function oipEndpoints(options: EndpointOptions & { readonly admins: boolean }) {
  const path = "/v2/models/:model_name";
  return {
    ...serverEndpoints(options.admins),
    ...modelEndpoints("oip", path, options),
    ...modelEndpoints("oipVersion", `${path}/versions/:model_version`, options),
    oipRepositoryIndex: bytes({
      ...REPOSITORY,
      rest: { method: "POST", path: "/v2/repository/index" },
      rules: { body: ANY_BODY },
      handler(request, reply) {
        const { ready = false } = readBody(request, repositoryIndexRequest);
        return sendOip(reply, indexRepository(request.call.services.registry, ready));
      },
      summary: "List model versions with their state",
      description:
        "Includes the reason why a version is not ready; with `ready`, only ready versions.",
      document: () => ({
        requestBody: body(repositoryIndexRequest, { ready: true }),
        responses: jsonResponse(repositoryIndex, REPOSITORY_INDEX),
      }),
    }),
    oipRepositoryLoad: changeEndpoint("load", {
      summary: "Load or reload a model",
      description:
        "Responds when every version is loaded and verified. On failure it responds with 400 and the reasons, and the versions that served before keep serving.",
    }),
    oipRepositoryUnload: changeEndpoint("unload", {
      summary: "Unload a model",
      description:
        "Requests in flight finish. The model stays unloaded until it is loaded again or its files change.",
    }),
  };
}
