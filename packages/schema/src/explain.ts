import * as z from "zod";
import type { Contract, Regression } from "./define-contract.ts";
import { served, type ServedBy } from "./predict.ts";

/** Most features of which every coalition is taken; with more, contributions may be a sample. */
export const MAX_EXACT_FEATURES = 12;

type ByTarget<C extends Regression> = Record<C["targets"][number]["name"], number>;

/** A number for each class or target, for each feature. */
type Contributions<C extends Contract> = Record<
  C["features"][number]["name"],
  C extends Regression ? ByTarget<C> : number[]
>;

/** What is split among the features: the probability of each class, or the value of each target. */
type Explained<C extends Contract> = C extends Regression
  ? { values: ByTarget<C>; base: ByTarget<C> }
  : { proba: number[]; base: number[] };

/** An explanation's response: base and contributions sum to the prediction. */
export type ExplainResponse<C extends Contract> = C extends unknown
  ? Explained<C> & {
      contributions: Contributions<C>;
      // Spelled out: the client's declarations could not import a name.
      method: "exact" | "tree" | "linear" | "sampled";
      /** Of a sample, for each contribution. */
      standard_error?: Contributions<C>;
      /** Rows that a sample ran. */
      rows?: number;
    } & ServedBy
  : never;

/** How contributions are computed. */
export type ExplainMethod = ExplainResponse<Contract>["method"];

const method: z.ZodType<ExplainMethod> = z.enum(["exact", "tree", "linear", "sampled"]).meta({
  description:
    "`exact`: from all coalitions of the features. `tree`: exact, from the trees. `linear`: closed form, from the coefficients. `sampled`: from random orders of the features.",
});

/** A schema of one number a class or target, with its description. */
type Numbers = (description: string, value?: z.ZodType<number>) => z.ZodType;

function numbersOf(contract: Contract): Numbers {
  if (contract.task === "regression") {
    const { targets } = contract;
    return (description, value = z.number()) =>
      z
        .object(Object.fromEntries(targets.map(({ name }) => [name, value])))
        .meta({ description: `${description}.` });
  }
  if (contract.task === "embedding") {
    const { dimensions } = contract;
    return (description, value = z.number()) =>
      z
        .array(value)
        .length(dimensions)
        .meta({ description: `${description}.` });
  }
  const { classes } = contract;
  return (description, value = z.number()) =>
    z
      .array(value)
      .length(classes.length)
      .meta({ description: `${description}: ${classes.join(", ")}.` });
}

/** Schema of one explanation's response. */
export function explainResponse<C extends Contract>(
  contract: C,
): z.ZodType<ExplainResponse<C>, ExplainResponse<C>> {
  const { features, task } = contract;
  const numbers = numbersOf(contract);
  const outcome = task === "regression" ? "target" : "class";
  const byFeature = (describe: (name: string) => string, value?: z.ZodType<number>) =>
    z.object(
      Object.fromEntries(features.map(({ name }) => [name, numbers(describe(name), value)])),
    );
  const shared = {
    contributions: byFeature((name) => `Contribution of ${name} to each ${outcome}`).meta({
      description: "Shapley values by feature; negative where the feature lowers the prediction.",
    }),
    method,
    ...(features.length > MAX_EXACT_FEATURES && {
      standard_error: byFeature(
        (name) => `Standard error of the contribution of ${name} to each ${outcome}`,
        z.number().min(0),
      )
        .meta({ description: "Standard error of each contribution; `sampled` only." })
        .optional(),
      rows: z.int().min(1).meta({ description: "Rows the model ran; `sampled` only." }).optional(),
    }),
    ...served,
  };
  const base = numbers(
    task === "regression"
      ? "Average prediction over the training rows"
      : "Average probability of each class over the training rows",
  );
  const schema =
    task === "regression"
      ? z.object({ values: numbers("The prediction by target"), base, ...shared })
      : z.object({
          proba: numbers("Probability of each class", z.number().min(0).max(1)),
          base,
          ...shared,
        });
  // Made from the contract, as the type is.
  return schema as unknown as z.ZodType<ExplainResponse<C>, ExplainResponse<C>>;
}
