import * as z from "zod";

// JSON of the Open Inference Protocol with the binary tensor extension, published at
// github.com/kserve/open-inference-protocol and in Triton's docs/protocol/extension_binary_data.md.

const parameters = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .meta({ id: "InferenceParameters", description: "Names with a string, number or boolean." });

const shape = z
  .array(z.int().min(0))
  .meta({ description: "Dimensions with the number of rows first, such as `[2, 4]`." });

// Read element by element where the contract is known; a schema here would walk a large tensor twice.
const data = z.unknown().meta({
  type: "array",
  items: {},
  description: "Elements row after row, flat or nested; absent where they follow as bytes.",
});

const requestInput = z
  .looseObject({
    name: z.string().meta({ description: "`features`." }),
    shape,
    datatype: z.string().meta({ description: "`FP32`." }),
    parameters: parameters.nullish(),
    data: data.optional(),
  })
  .meta({ id: "InferenceInput" });

const requestOutput = z
  .looseObject({
    name: z.string().meta({ description: "`class` or `proba`." }),
    parameters: parameters.nullish(),
  })
  .meta({ id: "InferenceRequestedOutput" });

/** An inference request; keys it does not name are ignored, as clients send some of their own. */
export const inferenceRequest = z
  .looseObject({
    id: z.string().nullish().meta({ description: "Echoed in the response." }),
    parameters: parameters
      .nullish()
      .meta({ description: "`binary_data_output`: return all outputs as bytes." }),
    inputs: z.array(requestInput),
    outputs: z
      .array(requestOutput)
      .nullish()
      .meta({ description: "Outputs to return, in this order; all when absent." }),
  })
  .meta({ id: "InferenceRequest" });

/** See {@link inferenceRequest}. */
export type InferenceRequest = z.infer<typeof inferenceRequest>;

const responseOutput = z
  .object({
    name: z.string(),
    datatype: z.string(),
    shape,
    parameters: parameters
      .optional()
      .meta({ description: "`binary_data_size`: its bytes after the JSON." }),
    data: z
      .array(z.number())
      .optional()
      .meta({ description: "Flat, row after row; absent where it follows as bytes." }),
  })
  .meta({ id: "InferenceOutput" });

/** The JSON of an inference response. */
export const inferenceResponse = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(responseOutput),
  })
  .meta({ id: "InferenceResponse" });

// The model repository extension of the Open Inference Protocol, published in Triton's
// docs/protocol/extension_model_repository.md.

/** What the index of the model repository is asked with. */
export const repositoryIndexRequest = z
  .looseObject({
    ready: z.boolean().optional().meta({ description: "Only ready versions." }),
  })
  .meta({ id: "RepositoryIndexRequest" });

/** Every version of every model; a model without a version that can be read has none. */
export const repositoryIndex = z
  .array(
    z.object({
      name: z.string(),
      version: z.string().optional(),
      state: z.enum(["READY", "LOADING", "UNAVAILABLE"]),
      reason: z.string().meta({ description: "Why it is in this state; empty when it is ready." }),
    }),
  )
  .meta({ id: "RepositoryIndex" });

/** See {@link repositoryIndex}. */
export type RepositoryIndex = z.infer<typeof repositoryIndex>;

/** What a model is loaded or unloaded with; `unload_dependents` has no effect, for no model depends on another. */
export const repositoryModelRequest = z
  .looseObject({ parameters: z.record(z.string(), z.unknown()).nullish() })
  .meta({ id: "RepositoryModelRequest" });
