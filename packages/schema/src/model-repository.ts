import * as z from "zod";

// The model repository extension of the Open Inference Protocol, published in Triton's
// docs/protocol/extension_model_repository.md.

/** What the index of the model repository is asked with. */
export const repositoryIndexRequest = z
  .looseObject({
    ready: z.boolean().optional().meta({ description: "Only versions that answer." }),
  })
  .meta({ id: "RepositoryIndexRequest" });

/** Every version of every model; a model without a version that can be read has none. */
export const repositoryIndex = z
  .array(
    z.object({
      name: z.string(),
      version: z.string().optional(),
      state: z.enum(["READY", "LOADING", "UNAVAILABLE"]),
      reason: z.string().meta({ description: "Why it is in this state; empty where all is well." }),
    }),
  )
  .meta({ id: "RepositoryIndex" });

/** See {@link repositoryIndex}. */
export type RepositoryIndex = z.infer<typeof repositoryIndex>;

const parameters = z.record(z.string(), z.unknown()).nullish();

/** What a model is loaded or unloaded with; `unload_dependents` has no effect, for no model depends on another. */
export const repositoryModelRequest = z
  .looseObject({ parameters })
  .meta({ id: "RepositoryModelRequest" });
