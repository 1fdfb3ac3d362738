import * as z from "zod";

// Half of the smallest and half a step past the largest float32: what Sepal's own contract refuses.
const feature = z
  .number()
  .gt(2 ** -150)
  .lt(2 ** 128 - 2 ** 103);
const features = z.array(feature).length(4);

/** Body of one prediction; the rules are Sepal's, the schema is Zod's as it comes, not compiled. */
export const predictRequest = z.strictObject({ features });

/** Body of a batch. */
export const predictBatchRequest = z.strictObject({ rows: z.array(features).min(1).max(100_000) });

/** Answer to one prediction. */
export const predictResponse = z.object({
  class: z.int().min(0).max(2),
  label: z.string(),
  proba: z.array(z.number().min(0).max(1)).length(3),
  confidence: z.number().min(0).max(1),
});

/** Answer to a batch, in row order. */
export const predictBatchResponse = z.object({
  predictions: z.array(predictResponse),
  count: z.int(),
});
