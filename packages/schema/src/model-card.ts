import * as z from "zod";

/** State of a model version: only `ready` ones predict. */
export const modelState = z
  .enum(["loading", "ready", "unavailable"])
  .meta({ id: "ModelState", description: "Only a ready model makes predictions." });

/** See {@link modelState}. */
export type ModelState = z.infer<typeof modelState>;

const accuracy = z
  .object({
    method: z.string(),
    mean: z.number(),
    std: z.number(),
  })
  .meta({ id: "Accuracy", description: "Cross-validated on the training data." });

const targetMetrics = z
  .object({ method: z.string(), r2: z.number(), mae: z.number(), rmse: z.number() })
  .meta({ id: "TargetMetrics", description: "Errors of a regression, in the target's unit." });

const explainOffer = z
  .object({
    offered: z.boolean(),
    reason: z.string().nullable().meta({ description: "Why it does not." }),
  })
  .meta({ id: "ExplainOffer", description: "Whether `/explain` works for the model." });

const engineCard = z
  .object({
    name: z.enum(["evaluator", "onnxruntime"]),
    reason: z.string().meta({ description: "Why this engine serves the version." }),
  })
  .meta({ id: "Engine", description: "Engine that computes every prediction of the version." });

const metricsByTarget = z
  .record(z.string(), targetMetrics)
  .optional()
  .meta({ description: "By target; regression only." });

const modelVersionCard = z
  .object({
    version: z.string(),
    state: modelState,
    reason: z.string().nullable().meta({ description: "Why it is not ready." }),
    accuracy: accuracy.nullable(),
    metrics: metricsByTarget,
    explain: explainOffer,
    engine: engineCard.nullable().meta({ description: "Ready versions only." }),
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
    family: z.string().nullable().meta({ description: "For example, random forest." }),
    description: z.string(),
    is_default: z.boolean(),
    features: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        unit: z.string(),
        type: z.enum(["number", "integer", "boolean", "category", "text"]).optional(),
        nullable: z.boolean().optional(),
        values: z.array(z.string()).optional().meta({ description: "Categories only." }),
        max_length: z.int().optional().meta({ description: "Texts only, in characters." }),
        min: z.number().nullable().meta({ description: "Smallest value in the training data." }),
        max: z.number().nullable().meta({ description: "Largest value in the training data." }),
      }),
    ),
    classes: z.array(z.string()).optional().meta({ description: "Classification only." }),
    targets: z
      .array(z.object({ name: z.string(), label: z.string(), unit: z.string() }))
      .optional()
      .meta({ description: "Regression only." }),
    dimensions: z.int().optional().meta({ description: "Embedding only." }),
    versions: z.array(modelVersionCard),
    default_version: z.string(),
    state: modelState,
    reason: z.string().nullable().meta({ description: "Why the default version is not ready." }),
    accuracy: accuracy.nullable(),
    metrics: metricsByTarget,
    explain: explainOffer,
    engine: engineCard.nullable(),
    checksum: z.string().nullable(),
  })
  .meta({ id: "ModelCard" });

/** See {@link modelCard}. */
export type ModelCard = z.infer<typeof modelCard>;

/** Response of `GET /models`. */
export const modelList = z.object({ models: z.array(modelCard) });

/** A value of a row; text for a category, `null` for a missing one. */
const backgroundValue = z.union([z.number(), z.boolean(), z.string(), z.null()]).meta({
  override: { type: ["number", "boolean", "string", "null"] },
});

/** Response of `GET /models/{model_name}/background`: `rows` is `[n, features]`, `class` is `[n]`, `values` is `[n, targets]`. */
export const modelBackground = z
  .object({
    model_name: z.string(),
    features: z.array(z.string()),
    classes: z.array(z.string()).optional(),
    rows: z.array(z.array(backgroundValue)).max(500),
    class: z.array(z.int()).max(500).optional(),
    targets: z.array(z.string()).optional(),
    values: z.array(z.array(z.number())).max(500).optional(),
    total: z.int().meta({ description: "Rows of the training data, of which these are a sample." }),
  })
  .meta({ id: "ModelBackground" });

/** See {@link modelBackground}. */
export type ModelBackground = z.infer<typeof modelBackground>;
