import * as z from "zod";

/** Where a model version stands: only `ready` ones answer predictions. */
export const modelState = z
  .enum(["loading", "ready", "unavailable"])
  .meta({ id: "ModelState", description: "Only a ready model answers predictions." });

/** See {@link modelState}. */
export type ModelState = z.infer<typeof modelState>;

const accuracy = z
  .object({
    method: z.string(),
    mean: z.number(),
    std: z.number(),
  })
  .meta({ id: "Accuracy", description: "Cross-validated on the training data." });

const explainOffer = z
  .object({
    offered: z.boolean(),
    reason: z.string().nullable().meta({ description: "Why it is not offered." }),
  })
  .meta({ id: "ExplainOffer", description: "Whether its answers are split among the features." });

const modelVersionCard = z
  .object({
    version: z.string(),
    state: modelState,
    reason: z.string().nullable().meta({ description: "Why it is not ready." }),
    accuracy: accuracy.nullable(),
    explain: explainOffer,
    checksum: z
      .string()
      .nullable()
      .meta({ description: "SHA-256 of the model file, lower-case hex." }),
  })
  .meta({ id: "ModelVersionCard" });

/** What the server says of one model. */
export const modelCard = z
  .object({
    name: z.string(),
    contract: z.string(),
    task: z.string(),
    family: z.string().nullable().meta({ description: "Such as random forest." }),
    description: z.string(),
    is_default: z.boolean(),
    features: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        unit: z.string(),
        min: z.number().nullable().meta({ description: "Smallest value in the training data." }),
        max: z.number().nullable().meta({ description: "Largest value in the training data." }),
      }),
    ),
    classes: z.array(z.string()),
    versions: z.array(modelVersionCard),
    default_version: z.string(),
    state: modelState,
    reason: z.string().nullable().meta({ description: "Why its default version is not ready." }),
    accuracy: accuracy.nullable(),
    explain: explainOffer,
    checksum: z.string().nullable(),
  })
  .meta({ id: "ModelCard" });

/** See {@link modelCard}. */
export type ModelCard = z.infer<typeof modelCard>;

/** Answer of `GET /models`. */
export const modelList = z.object({ models: z.array(modelCard) });

/** Answer of `GET /models/{model_name}/background`: `rows` is `[n, features]`, `class` is `[n]`. */
export const modelBackground = z
  .object({
    model_name: z.string(),
    features: z.array(z.string()),
    classes: z.array(z.string()),
    rows: z.array(z.array(z.number())).max(500),
    class: z.array(z.int()).max(500),
    total: z.int().meta({ description: "Rows of the training data, of which these are a sample." }),
  })
  .meta({ id: "ModelBackground" });

/** See {@link modelBackground}. */
export type ModelBackground = z.infer<typeof modelBackground>;
