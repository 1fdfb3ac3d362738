import * as z from "zod";

/** A name that is safe in a path, a log line and a label. */
const name = z.string().regex(/^[\w.-]{1,128}$/);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const tensor = z.object({
  name: z.string(),
  datatype: z.enum(["FP32", "INT64"]),
  /** -1 is the batch dimension. */
  shape: z.array(z.int()),
});

/** `model.json`: what a model serves and which version answers when none is named. */
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
  task: z.literal("classification"),
  family: z.string(),
  description: z.string(),
  inputs: z.tuple([tensor]),
  outputs: z.tuple([tensor, tensor]),
  /** Largest difference of a probability from its golden value. */
  tolerance: z.number().positive(),
  features: z.array(
    z.object({
      name: z.string(),
      min: z.number(),
      max: z.number(),
      mean: z.number(),
      std: z.number(),
      quantiles: z.record(z.string(), z.number()),
    }),
  ),
  classes: z.array(z.object({ label: z.string(), count: z.int() })),
  accuracy: z.object({ method: z.string(), mean: z.number(), std: z.number() }),
  training: z.object({
    /** Relative to the model repository. */
    dataset: z.string().regex(/^(?!.*\.\.)[\w-][\w./-]*$/),
    dataset_sha256: sha256,
    rows: z.int(),
  }),
  files: z.object({
    "model.onnx": z.object({ sha256, bytes: z.int() }),
    "golden.json": z.object({ sha256, bytes: z.int() }),
  }),
});

/** See {@link manifest}. */
export type Manifest = z.infer<typeof manifest>;

/** `golden.json`: the trainer's own answers; `features` is `[n, features]`, `proba` is `[n, classes]`. */
export const goldenFile = z.compile(
  z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        features: z.array(z.array(z.number())),
        class: z.array(z.int()),
        proba: z.array(z.array(z.number())),
      }),
    ),
  }),
  // Compiled, because it checks tens of thousands of numbers at start.
  { strict: true },
);

/** One row with the trainer's own answer. */
export interface GoldenRow {
  readonly features: readonly number[];
  readonly class: number;
  readonly proba: readonly number[];
}

/** All groups of a golden file as one list of rows. */
export function goldenRows(file: z.infer<typeof goldenFile>): GoldenRow[] {
  return file.groups.flatMap((group) =>
    group.features.map((features, row) => {
      const { class: classes, proba } = group;
      const expected = { features, class: classes[row], proba: proba[row] };
      if (expected.class === undefined || expected.proba === undefined) {
        throw new Error(`golden group ${group.name} has no answer for row ${row}`);
      }
      return { features, class: expected.class, proba: expected.proba };
    }),
  );
}
