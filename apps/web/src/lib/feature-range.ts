import type { Contract, FeatureSpec, NumberDomain } from "@sepal/schema/define-contract";
import { FLOAT32_INFINITY_BOUND, FLOAT32_ZERO_BOUND } from "@sepal/schema/float32";
import type { ModelCard } from "@sepal/schema/model-card";

/** One feature as a form offers it. */
export interface FeatureField {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  /** Smallest and largest value in the training data; `null` when the model does not say. */
  readonly training: { readonly min: number; readonly max: number } | null;
  /** What a slider spans: the training range and a quarter more on each side. */
  readonly min: number;
  readonly max: number;
  /** A power of ten, so that a value reads as one would write it. */
  readonly step: number;
}

/** A number without the noise of binary fractions, to the digits of `step`. */
export function roundToStep(value: number, step: number): number {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  return Number(value.toFixed(digits));
}

/** The fields of a contract's form, with the ranges of the model's training data. */
export function featureFields(contract: Contract, card: ModelCard): FeatureField[] {
  return contract.features.map(({ name, label, unit }, index) => {
    const range = card.features.find((feature) => feature.name === name);
    const example = contract.examples[0].features[index] ?? 1;
    const training =
      range === undefined || range.min === null || range.max === null
        ? null
        : { min: range.min, max: range.max };
    const { min, max } = training ?? { min: example / 2, max: example * 2 };
    const span = max - min || 1;
    const step = 10 ** Math.floor(Math.log10(span / 20));
    const low = roundToStep(min - span / 4, step);
    return {
      name,
      label,
      unit,
      training,
      min: Math.max(low, { positive: step, nonnegative: 0, finite: -Infinity }[contract.domain]),
      max: roundToStep(max + span / 4, step),
      step: roundToStep(step, step),
    };
  });
}

/** The places of a contract's features by the heading they stand under, in the order the headings come; "" is none. */
export function groupFields(
  features: readonly FeatureSpec[],
): { readonly title: string; readonly places: readonly number[] }[] {
  const places = new Map<string, number[]>();
  for (const [index, { group = "" }] of features.entries()) {
    places.set(group, [...(places.get(group) ?? []), index]);
  }
  return [...places].map(([title, found]) => ({ title, places: found }));
}

/** Why the contract does not take a number, in words; `null` when it does. */
export function featureProblem(domain: NumberDomain, value: number): string | null {
  if (Number.isNaN(value)) return "Enter a number.";
  if (Math.abs(value) >= FLOAT32_INFINITY_BOUND) return "Too large: enter a finite number.";
  if (domain === "positive" && value <= FLOAT32_ZERO_BOUND) return "Enter a number above 0.";
  if (domain === "nonnegative" && value < 0) return "Enter a number of 0 or more.";
  return null;
}
