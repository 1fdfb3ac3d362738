import type { Contract } from "@sepal/schema/define-contract";
import type { PredictResult } from "./contract-client.ts";
import { plural } from "./format.ts";
import { predictedNumber, withUnit } from "./prediction-text.ts";

/** What one model predicts. */
export interface ModelResult {
  readonly model: string;
  readonly result: PredictResult;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function classAgreement(found: readonly ModelResult[]): string {
  const byLabel = new Map<string, string[]>();
  for (const { model, result } of found) {
    if (!("class" in result)) continue;
    byLabel.set(result.label, [...(byLabel.get(result.label) ?? []), model]);
  }
  const groups = [...byLabel].toSorted(([, a], [, b]) => b.length - a.length);
  const [likeliest, ...others] = groups;
  if (likeliest === undefined) return "";
  const [label, models] = likeliest;
  if (others.length === 0) return `All ${found.length} models predict ${label}.`;
  const first =
    models.length === 1
      ? `${models.join()} predicts ${label}`
      : `${models.length} of ${found.length} models predict ${label}`;
  const rest = others.map(
    ([other, by]) => `${listed(by)} ${by.length === 1 ? "predicts" : "predict"} ${other}`,
  );
  return `${[first, ...rest].join("; ")}.`;
}

/** Whether models agree, in words; empty for fewer than two. */
export function agreement(contract: Contract, found: readonly ModelResult[]): string {
  if (found.length < 2) return "";
  if (contract.task === "classification") return classAgreement(found);
  if (contract.task === "embedding") return "";
  const apart = contract.targets.map((target) => {
    const values = found.map(({ result }) =>
      "values" in result ? (result.values[target.name] ?? Number.NaN) : Number.NaN,
    );
    const spread = Math.max(...values) - Math.min(...values);
    const of = contract.targets.length > 1 ? ` for ${target.label}` : "";
    return `${withUnit(predictedNumber(spread), target)} apart${of}`;
  });
  return `The ${plural(found.length, "model")} are ${listed(apart)}.`;
}
