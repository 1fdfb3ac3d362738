import type { Contract, TargetSpec } from "@sepal/schema/define-contract";
import type { Prediction } from "./contract-client.ts";

/** A probability as people read it: a percentage with one decimal. */
export function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

/** A predicted number to about four digits. */
export function predictedNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && magnitude < 1e-4) return value.toExponential(2);
  const digits = magnitude === 0 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(magnitude)));
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/** A predicted number with its target's unit. */
export function withUnit(text: string, { unit = "" }: Pick<TargetSpec, "unit">): string {
  return unit === "" ? text : `${text} ${unit}`;
}

/** A prediction in a few words: the class, or the number of each target. */
export function headline(contract: Contract, prediction: Prediction): string {
  if ("class" in prediction) return prediction.label;
  if ("embedding" in prediction) return `${prediction.dimensions}-dimensional vector`;
  const targets = contract.task === "regression" ? contract.targets : [];
  return targets
    .map((target) => {
      const text = withUnit(predictedNumber(prediction.values[target.name] ?? Number.NaN), target);
      return targets.length === 1 ? text : `${target.label} ${text}`;
    })
    .join(", ");
}

/** How sure a model is of the class it predicted; `null` where it gives none. */
export function confidenceText(prediction: Prediction): string | null {
  return "class" in prediction && prediction.confidence !== undefined
    ? percent(prediction.confidence)
    : null;
}
