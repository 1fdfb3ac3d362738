import { inferenceRequest, inferenceResponse } from "@sepal/schema/inference";
import * as z from "zod";
import type { ZodOpenApiOperationObject } from "zod-openapi";
import { get, json, modelName } from "./path-builders.ts";

const TAG = "open inference protocol";

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

const readyOrNot = {
  ...json(modelReady),
  503: { description: "Not ready", content: { "application/json": { schema: modelNotReady } } },
};

const bytes = z.string().meta({ format: "binary" });

const headerLength = {
  "inference-header-content-length": {
    description: "Length of the JSON where the bytes of tensors follow it.",
    schema: { type: "integer" as const, minimum: 0 },
  },
};

const INFER_DESCRIPTION = `Tensors as JSON, or as little-endian bytes after the JSON with
\`inference-header-content-length\` saying how long the JSON is; 0 there and nothing but the bytes
of the input answer all outputs as bytes. The request's content type does not matter.`;

/** Inference, as JSON or JSON with the bytes of tensors. */
function infer(id: string, summary: string, params: z.ZodObject): ZodOpenApiOperationObject {
  return {
    operationId: id,
    tags: [TAG],
    summary,
    description: INFER_DESCRIPTION,
    requestParams: {
      path: params,
      header: z.object({
        "inference-header-content-length": z
          .int()
          .min(0)
          .optional()
          .meta({ description: "Length of the JSON in the body; all of it when absent." }),
      }),
    },
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: inferenceRequest },
        "application/octet-stream": { schema: bytes },
      },
    },
    responses: {
      200: {
        description: "Successful response",
        headers: headerLength,
        content: {
          "application/json": { schema: inferenceResponse },
          "application/octet-stream": { schema: bytes },
        },
      },
    },
  };
}

/** Paths of the Open Inference Protocol. */
export function oipPaths() {
  const tag = TAG;
  const modelAndVersion = modelName.extend({ model_version: z.string().min(1).max(128) });
  const model = { tag, params: modelName };
  const version = { tag, params: modelAndVersion };
  const path = "/v2/models/{model_name}";
  const versionPath = `${path}/versions/{model_version}`;
  return {
    "/v2": get({ id: "oipServer", tag, summary: "Server metadata" }, json(serverMetadata)),
    "/v2/": get({ id: "oipServerSlash", tag, summary: "Server metadata" }, json(serverMetadata)),
    "/v2/health/live": get(
      { id: "oipLive", tag, summary: "Server live" },
      json(z.object({ live: z.boolean() })),
    ),
    "/v2/health/ready": get(
      { id: "oipReady", tag, summary: "Server ready" },
      {
        ...json(serverReady),
        503: { description: "Not ready", content: { "application/json": { schema: serverReady } } },
      },
    ),
    [path]: get({ id: "oipModel", summary: "Model metadata", ...model }, json(modelMetadata)),
    [`${path}/ready`]: get({ id: "oipModelReady", summary: "Model ready", ...model }, readyOrNot),
    [`${path}/infer`]: { post: infer("oipInfer", "Inference", modelName) },
    [versionPath]: get(
      { id: "oipVersion", summary: "Metadata of a version", ...version },
      json(modelMetadata),
    ),
    [`${versionPath}/ready`]: get(
      { id: "oipVersionReady", summary: "Version ready", ...version },
      readyOrNot,
    ),
    [`${versionPath}/infer`]: {
      post: infer("oipVersionInfer", "Inference with a version", modelAndVersion),
    },
  };
}
