import * as z from "zod";
import type { Contract, FeatureSpec } from "./define-contract.ts";
import { served } from "./predict.ts";

/** What each feature of a contract adds to an answer: `[classes]` by name. */
export type Contributions<F extends readonly FeatureSpec[]> = Record<F[number]["name"], number[]>;

/** Schema of one explanation's answer: for every class, base and contributions sum to `proba`. */
export function explainResponse<const F extends readonly FeatureSpec[]>(contract: Contract<F>) {
  const { classes, features } = contract;
  const aClass = (description: string, value = z.number()) =>
    z
      .array(value)
      .length(classes.length)
      .meta({ description: `${description}: ${classes.join(", ")}.` });
  const contributions = z
    .object(
      Object.fromEntries(
        features.map(({ name }) => [name, aClass(`What ${name} adds to each class`)]),
      ),
    )
    .meta({ description: "Exact Shapley values by feature; negative where one takes away." });
  return z.object({
    proba: aClass("Probability of each class", z.number().min(0).max(1)),
    base: aClass("Average probability of each class over the training rows"),
    // A key for each feature: what `fromEntries` cannot say.
    contributions: contributions as unknown as z.ZodType<Contributions<F>, Contributions<F>>,
    ...served,
  });
}
