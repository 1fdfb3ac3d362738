import type { ModelCard } from "@sepal/schema/model-card";
import { predictedNumber, withUnit } from "./prediction-text.ts";

/** How good a model is, in a figure and what it is. */
export interface Quality {
  readonly figure: string;
  readonly meaning: string;
  /** How it was measured. */
  readonly method: string;
}

/** How good a model is: its accuracy, or the mean error of each target; empty when it does not say. */
export function modelQuality(card: ModelCard): Quality[] {
  const { accuracy, metrics, targets = [] } = card;
  if (accuracy !== null) {
    const { mean, std, method } = accuracy;
    const figure = `${(mean * 100).toFixed(1)} %`;
    return [{ figure, meaning: `± ${(std * 100).toFixed(1)} accurate`, method }];
  }
  return targets.flatMap((target) => {
    const found = metrics?.[target.name];
    if (found === undefined) return [];
    const of = targets.length > 1 ? ` of ${target.label}` : "";
    return [
      {
        figure: withUnit(predictedNumber(found.mae), target),
        meaning: `mean error${of}, R² ${found.r2.toFixed(2)}`,
        method: found.method,
      },
    ];
  });
}
