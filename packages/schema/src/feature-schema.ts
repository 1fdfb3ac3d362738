import * as z from "zod";
import type { Contract, FeatureSpec, FeatureVector, NumberDomain } from "./define-contract.ts";
import { FLOAT32_INFINITY_BOUND, FLOAT32_ZERO_BOUND } from "./float32.ts";

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What a legacy client may send for a number: a string that, trimmed, is a JSON number. */
function readLegacyNumber(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = value.trim();
  return JSON_NUMBER.test(text) ? Number(text) : value;
}

/** One feature: a JSON number that is in the contract's domain before and after rounding to float32. */
function featureValue(domain: NumberDomain) {
  const value = z.number().lt(FLOAT32_INFINITY_BOUND);
  return {
    positive: value.gt(FLOAT32_ZERO_BOUND),
    nonnegative: value.gte(0),
    finite: value.gt(-FLOAT32_INFINITY_BOUND),
  }[domain];
}

const DOMAIN_WORDS: Record<NumberDomain, string> = {
  positive: "finite, positive number",
  nonnegative: "finite number of 0 or more",
  finite: "finite number",
};

/**
 * The contract's feature vector as a plain array of fixed length, which every OpenAPI generator
 * reads; `lenient` also takes numbers written as strings.
 */
export function featureVector<F extends readonly FeatureSpec[]>(
  contract: Contract<F>,
  { lenient = false } = {},
): z.ZodType<FeatureVector<F>, FeatureVector<F>> {
  const { features, domain, examples } = contract;
  const value = featureValue(domain);
  const element = lenient ? z.preprocess(readLegacyNumber, value) : value;
  const schema = z
    .array(element)
    .length(features.length)
    .meta({
      description: `${features.map((feature) => `${feature.name}${feature.unit && ` (${feature.unit})`}`).join(", ")}, in this order; each a ${DOMAIN_WORDS[domain]}, also after rounding to float32.`,
      examples: [examples[0].features],
    });
  // The fixed length makes the array the tuple that TypeScript cannot derive from it.
  return schema as unknown as z.ZodType<FeatureVector<F>, FeatureVector<F>>;
}
