import * as z from "zod";
import { get, json, modelName } from "./path-builders.ts";

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

const serverReady = z.object({ ready: z.boolean() });
const modelReady = z.object({ name: z.string(), ready: z.boolean() });

/** Paths of the Open Inference Protocol. */
export function oipPaths() {
  const tag = "open inference protocol";
  const modelAndVersion = modelName.extend({ model_version: z.string().min(1).max(128) });
  const model = { tag, params: modelName };
  const version = { tag, params: modelAndVersion };
  const path = "/v2/models/{model_name}";
  const versionPath = `${path}/versions/{model_version}`;
  return {
    "/v2": get({ id: "oipServer", tag, summary: "Server metadata" }, json(serverMetadata)),
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
    [`${path}/ready`]: get(
      { id: "oipModelReady", summary: "Model ready", ...model },
      json(modelReady),
    ),
    [versionPath]: get(
      { id: "oipVersion", summary: "Metadata of a version", ...version },
      json(modelMetadata),
    ),
    [`${versionPath}/ready`]: get(
      { id: "oipVersionReady", summary: "Version ready", ...version },
      json(modelReady),
    ),
  };
}
