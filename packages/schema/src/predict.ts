import * as z from "zod";
import {
  withUnit,
  type Contract,
  type Embedding,
  type FeatureRow,
  type Regression,
} from "./define-contract.ts";
import { boundedList } from "./bounded-list.ts";
import { byRowForm, rowSchemas } from "./feature-schema.ts";
import { INTEGER_MESSAGE } from "./validation-detail.ts";
import { DEFAULT_BATCH_SIZE, DEFAULT_LIMITS, type RequestLimits } from "./limits.ts";

/** Which model predicts; `null` is absence, and both default to what the server is configured with. */
export interface ModelChoice {
  model_name?: string | null | undefined;
  model_version?: string | null | undefined;
}

/** Body of `POST /predict`: one row. */
export interface PredictRequest<C extends Contract> extends ModelChoice {
  features: FeatureRow<C>;
}

/** Body of `POST /predict-batch`: rows of one form. */
export interface PredictBatchRequest<C extends Contract> extends ModelChoice {
  rows: FeatureRow<C>[];
  batch_size?: number | null | undefined;
}

/** Fields by which a request chooses its model. */
export const modelChoice = {
  model_name: z
    .string()
    .min(1)
    .max(128)
    .nullish()
    .meta({ description: "Model name; the default model when absent." }),
  model_version: z
    .string()
    .min(1)
    .max(128)
    .nullish()
    .meta({ description: "Model version; the default version when absent." }),
};

interface RequestOptions {
  /** Legacy clients: numbers may be strings, unknown keys are ignored. */
  readonly lenient?: boolean;
  readonly limits?: RequestLimits;
}

function requestObject(shape: z.ZodRawShape, lenient: boolean): z.ZodObject {
  return lenient ? z.object(shape) : z.strictObject(shape);
}

/** Schema of one prediction's request. */
export function predictRequest<C extends Contract>(
  contract: C,
  { lenient = false }: RequestOptions = {},
): z.ZodType<PredictRequest<C>, PredictRequest<C>> {
  const { list, object } = rowSchemas(contract, { lenient });
  const of = (features: z.ZodType) => requestObject({ features, ...modelChoice }, lenient);
  const schema =
    object === undefined
      ? of(list)
      : byRowForm({ lists: of(list), objects: of(object) }, ({ features }) => features);
  // Its rows are those of the contract, which the schemas are made from.
  return schema as unknown as z.ZodType<PredictRequest<C>, PredictRequest<C>>;
}

/** Schema of a batch's request. */
export function predictBatchRequest<C extends Contract>(
  contract: C,
  { lenient = false, limits = DEFAULT_LIMITS }: RequestOptions = {},
): z.ZodType<PredictBatchRequest<C>, PredictBatchRequest<C>> {
  const { list, object } = rowSchemas(contract, { lenient });
  const of = (row: z.ZodType) =>
    requestObject(
      {
        rows: boundedList(
          z
            .array(row)
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
            description: `Rows per execution or event; ${DEFAULT_BATCH_SIZE} when absent.`,
          }),
      },
      lenient,
    );
  const schema =
    object === undefined
      ? of(list)
      : byRowForm({ lists: of(list), objects: of(object) }, ({ rows }) => Object(rows)[0]);
  // As above.
  return schema as unknown as z.ZodType<PredictBatchRequest<C>, PredictBatchRequest<C>>;
}

/** What is predicted for a row. */
export type PredictionOf<C extends Contract> = C extends Regression
  ? { values: Record<C["targets"][number]["name"], number> }
  : C extends Embedding
    ? EmbeddedText
    : C extends { classes: infer L extends readonly string[] }
      ? Label<L> & ProbabilitiesOf<C>
      : never;

interface EmbeddedText {
  embedding: number[];
  dimensions: number;
}

interface Label<L extends readonly string[]> {
  class: number;
  label: L[number];
}

/** Of a contract that is known at run time alone, they may be absent. */
type ProbabilitiesOf<C extends Contract> = string extends C["name"]
  ? Partial<Probabilities>
  : C extends { probabilities: false }
    ? unknown
    : Probabilities;

interface Probabilities {
  proba: number[];
  confidence: number;
}

/** Schema of one row's prediction: the class, its label, `proba` as `[classes]` and the largest of them; a number a target; or a vector. */
function prediction(contract: Contract): z.ZodObject {
  if (contract.task === "regression") return regressionValues(contract);
  if (contract.task === "embedding") return embeddedText(contract);
  const { classes, probabilities = true } = contract;
  const labels = {
    class: z
      .int()
      .min(0)
      .max(classes.length - 1)
      .meta({ description: "Index of the predicted class." }),
    label: z.enum(classes).meta({ description: "Its label." }),
  };
  if (!probabilities) return z.object(labels);
  return z.object({
    ...labels,
    proba: z
      .array(z.number().min(0).max(1))
      .length(classes.length)
      .meta({ description: `Probability of each class: ${classes.join(", ")}.` }),
    confidence: z.number().min(0).max(1).meta({ description: "The largest probability." }),
  });
}

function embeddedText({ dimensions }: Embedding): z.ZodObject {
  return z.object({
    embedding: z
      .array(z.number())
      .length(dimensions)
      .meta({ description: "The vector of the text." }),
    dimensions: z.int().meta({ description: `Its numbers: ${dimensions}.` }),
  });
}

function regressionValues({ targets }: Regression): z.ZodObject {
  const values = Object.fromEntries(
    targets.map((target) => [
      target.name,
      z.number().meta({ description: `${withUnit(target.label, target)}.` }),
    ]),
  );
  return z.object({ values: z.object(values).meta({ description: "The prediction by target." }) });
}

/** What every response says of its model. */
export const served = {
  model_used: z.string().meta({ description: "Name of the model that made the prediction." }),
  model_version: z.string().meta({ description: "Its version." }),
  processing_time_ms: z.number().min(0).meta({
    description: "Milliseconds from the parsed request to the response.",
  }),
};

/** What every response says of its model, as a type. */
export interface ServedBy {
  model_used: string;
  model_version: string;
  processing_time_ms: number;
}

/** Response to one prediction. */
export type PredictResponse<C extends Contract> = PredictionOf<C> & ServedBy;

/** Response to a batch, in row order. */
export interface PredictBatchResponse<C extends Contract> extends ServedBy {
  predictions: PredictionOf<C>[];
  count: number;
}

/** Schema of one prediction's response. */
export function predictResponse<C extends Contract>(
  contract: C,
): z.ZodType<PredictResponse<C>, PredictResponse<C>> {
  const schema = prediction(contract).extend(served);
  // Made from the contract, as the type is.
  return schema as unknown as z.ZodType<PredictResponse<C>, PredictResponse<C>>;
}

/** Schema of a batch's response, in row order. */
export function predictBatchResponse<C extends Contract>(
  contract: C,
): z.ZodType<PredictBatchResponse<C>, PredictBatchResponse<C>> {
  const schema = z.object({
    predictions: z.array(prediction(contract)),
    count: z.int().min(0).meta({ description: "Number of rows." }),
    ...served,
  });
  return schema as unknown as z.ZodType<PredictBatchResponse<C>, PredictBatchResponse<C>>;
}
