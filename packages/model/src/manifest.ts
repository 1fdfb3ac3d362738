import type { ModelRow } from "@sepal/schema/row-encoding";
import * as z from "zod";

/** A name that is safe in a path, a log line and a label. */
const name = z.string().regex(/^[\w.-]{1,128}$/);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const tensor = z.object({
  name: z.string(),
  datatype: z.enum(["FP32", "INT64", "BYTES"]),
  /** -1 is the batch dimension. */
  shape: z.array(z.int()),
});

/** Share of the rows that lack a value. */
const missing = z.number().min(0).max(1).optional();

/** The values of a number, integer or target in the training data. */
const numberColumn = z.object({
  name: z.string(),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  std: z.number(),
  quantiles: z.record(z.string(), z.number()),
  missing,
});

/** The rows of each value of a category or boolean. */
const categoryColumn = z.object({ name: z.string(), counts: z.array(z.int()), missing });

/** The texts of the training data. */
const textColumn = z.object({
  name: z.string(),
  /** Their lengths, in characters. */
  characters: z.object({ min: z.int(), max: z.int(), mean: z.number() }),
});

const targetColumn = numberColumn.extend({
  metrics: z.object({
    method: z.string(),
    r2: z.number(),
    mae: z.number(),
    rmse: z.number(),
  }),
});

/** `model.json`: what a model serves and which version is its default. */
export const modelFile = z.object({
  contract: z.string(),
  default_version: z.string(),
  description: z.string(),
});

/** See {@link modelFile}. */
export type ModelFile = z.infer<typeof modelFile>;

/** `manifest.json` of one version: checksums, ranges, metrics and provenance; written last. */
export const manifest = z.object({
  format: z.literal(1),
  model_name: name,
  version: name,
  contract: z.string(),
  task: z.enum(["classification", "regression", "embedding"]),
  family: z.string(),
  description: z.string(),
  inputs: z.tuple([tensor]),
  outputs: z.array(tensor).min(1).max(2),
  /** Largest difference of a probability from its golden value; of a target, relative to values above 1. */
  tolerance: z.number().positive(),
  features: z.array(z.union([numberColumn, categoryColumn, textColumn])),
  /** Of a classification. */
  classes: z.array(z.object({ label: z.string(), count: z.int() })).optional(),
  /** Of a classification. */
  accuracy: z.object({ method: z.string(), mean: z.number(), std: z.number() }).optional(),
  /** Of a regression: each target's values in the training data, and how well they are predicted. */
  targets: z.array(targetColumn).optional(),
  training: z.object({
    /** Relative to the model repository. */
    dataset: z.string().regex(/^(?!.*\.\.)[\w-][\w./-]*$/),
    dataset_sha256: sha256,
    rows: z.int(),
  }),
  files: z.object({
    "model.onnx": z.object({ sha256, bytes: z.int() }),
    "golden.json": z.object({ sha256, bytes: z.int() }),
    /** Of an embedding that searches: {@link indexFile}. */
    "index.json": z.object({ sha256, bytes: z.int() }).optional(),
  }),
});

/** See {@link manifest}. */
export type Manifest = z.infer<typeof manifest>;

/** Most rows that a version searches. */
export const MAX_INDEX_ROWS = 100_000;

/**
 * `index.json`: what a version of an embedding searches. Its rows are published: a search returns them to whoever may call.
 *
 * `vectors` is `[rows, dimensions]`, row after row: what the model gives for each text, little-endian float32 in base64.
 */
export const indexFile = z.object({
  format: z.literal(1),
  rows: z
    .array(z.object({ text: z.string(), label: z.string().optional() }))
    .min(1)
    .max(MAX_INDEX_ROWS),
  vectors: z.base64(),
});

/**
 * `golden.json`: the trainer's own predictions; `features` is `[n, features]` as models take them, `null` where one is
 * missing, `[n, 1]` of texts; `proba` is `[n, classes]`, `values` is `[n, targets]`, or `[n, dimensions]` of an embedding.
 */
export const goldenFile = z.compile(
  z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        features: z.array(z.union([z.array(z.number().nullable()), z.tuple([z.string()])])),
        class: z.array(z.int()).optional(),
        proba: z.array(z.array(z.number())).optional(),
        values: z.array(z.array(z.number())).optional(),
      }),
    ),
  }),
  // Compiled, because it checks tens of thousands of numbers at start.
  { strict: true },
);

/** One row with the trainer's own prediction. */
export interface GoldenRow {
  /** As models take them: NaN where one is missing. */
  readonly features: ModelRow;
  /** Absent but for a classification. */
  readonly class: number | undefined;
  /** Probabilities by class, values by target, or the vector; empty for labels alone. */
  readonly values: readonly number[];
}

function modelRow(features: readonly (number | null)[] | readonly [string]): ModelRow {
  const [text] = features;
  if (typeof text === "string") return [text];
  return features.map((value) => (typeof value === "number" ? value : Number.NaN));
}

/** All groups of a golden file as one list of rows; throws where one lacks a prediction of the manifest's outputs. */
export function goldenRows(file: z.infer<typeof goldenFile>, { outputs }: Manifest): GoldenRow[] {
  const hasClass = outputs.some((output) => output.name === "class");
  const width = outputs.find(({ datatype }) => datatype === "FP32")?.shape[1] ?? 0;
  return file.groups.flatMap((group) =>
    group.features.map((features, row) => {
      const { class: classes, proba, values } = group;
      const expected = (hasClass ? proba : values)?.[row] ?? [];
      const index = hasClass ? classes?.[row] : undefined;
      if (expected.length !== width || (hasClass && index === undefined)) {
        throw new Error(`golden group ${group.name} has no prediction for row ${row}`);
      }
      return { features: modelRow(features), class: index, values: expected };
    }),
  );
}
