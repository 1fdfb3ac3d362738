import * as z from "zod";
import type { Contract, FeatureSpec, FeatureVector } from "./define-contract.ts";
import { boundedList } from "./bounded-list.ts";
import { featureVector } from "./feature-schema.ts";
import { INTEGER_MESSAGE } from "./validation-detail.ts";
import { DEFAULT_BATCH_SIZE, DEFAULT_LIMITS, type RequestLimits } from "./limits.ts";

/** Which model predicts; `null` is absence, and both default to what the server is configured with. */
export interface ModelChoice {
  model_name?: string | null | undefined;
  model_version?: string | null | undefined;
}

/** Body of `POST /predict`: one feature vector `[features]`. */
export interface PredictRequest<F extends readonly FeatureSpec[]> extends ModelChoice {
  features: FeatureVector<F>;
}

/** Body of `POST /predict-batch`: `rows` is `[n, features]`. */
export interface PredictBatchRequest<F extends readonly FeatureSpec[]> extends ModelChoice {
  rows: FeatureVector<F>[];
  batch_size?: number | null | undefined;
}

/** Fields by which a request chooses the model that answers. */
export const modelChoice = {
  model_name: z
    .string()
    .min(1)
    .max(128)
    .nullish()
    .meta({ description: "Name of a model; the default model when absent." }),
  model_version: z
    .string()
    .min(1)
    .max(128)
    .nullish()
    .meta({ description: "Version of the model; its default version when absent." }),
};

interface RequestOptions {
  /** Legacy clients: numbers may be strings, unknown keys are ignored. */
  readonly lenient?: boolean;
  readonly limits?: RequestLimits;
}

/** Schema of one prediction's request. */
export function predictRequest<F extends readonly FeatureSpec[]>(
  contract: Contract<F>,
  { lenient = false }: RequestOptions = {},
): z.ZodType<PredictRequest<F>, PredictRequest<F>> {
  const shape = { features: featureVector(contract, { lenient }), ...modelChoice };
  return lenient ? z.object(shape) : z.strictObject(shape);
}

/** Schema of a batch's request. */
export function predictBatchRequest<F extends readonly FeatureSpec[]>(
  contract: Contract<F>,
  { lenient = false, limits = DEFAULT_LIMITS }: RequestOptions = {},
): z.ZodType<PredictBatchRequest<F>, PredictBatchRequest<F>> {
  const shape = {
    rows: boundedList(
      z
        .array(featureVector(contract, { lenient }))
        .min(1)
        .max(limits.maxBatchRows)
        .meta({
          description: `Feature vectors, at most ${limits.maxBatchRows}.`,
          examples: [contract.examples.slice(0, 3).map((example) => example.features)],
        }),
      limits.maxBatchRows,
    ),
    ...modelChoice,
    batch_size: z
      .int(INTEGER_MESSAGE)
      .min(1)
      .max(limits.maxBatchRows)
      .nullish()
      .meta({
        description: `Rows an execution or event holds; ${DEFAULT_BATCH_SIZE} when absent.`,
      }),
  };
  return lenient ? z.object(shape) : z.strictObject(shape);
}

/** Schema of one row's answer: the class, its label, `proba` as `[classes]` and the largest of them. */
function prediction<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
) {
  const { classes } = contract;
  return z.object({
    class: z
      .int()
      .min(0)
      .max(classes.length - 1)
      .meta({ description: "Index of the predicted class." }),
    label: z.enum(classes as readonly C[number][]).meta({ description: "Its label." }),
    proba: z
      .array(z.number().min(0).max(1))
      .length(classes.length)
      .meta({ description: `Probability of each class: ${classes.join(", ")}.` }),
    confidence: z.number().min(0).max(1).meta({ description: "The largest probability." }),
  });
}

/** What every answer says of the model that gave it. */
export const served = {
  model_used: z.string().meta({ description: "Name of the model that answered." }),
  model_version: z.string().meta({ description: "Its version." }),
  processing_time_ms: z.number().min(0).meta({
    description: "Time in the server from the parsed request to the answer, in milliseconds.",
  }),
};

/** Schema of one prediction's answer. */
export function predictResponse<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
) {
  return prediction(contract).extend(served);
}

/** Schema of a batch's answer, in row order. */
export function predictBatchResponse<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
) {
  return z.object({
    predictions: z.array(prediction(contract)),
    count: z.int().min(0).meta({ description: "Number of rows." }),
    ...served,
  });
}
