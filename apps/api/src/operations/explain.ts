import { readBackground } from "@sepal/model/repository/shap-background";
import type { Attribution } from "@sepal/model/explain/attribution";
import { textFeature, type Contract } from "@sepal/schema/define-contract";
import { explainResponse, type ExplainResponse } from "@sepal/schema/explain";
import { predictRequest, type PredictRequest, type ServedBy } from "@sepal/schema/predict";
import { isNumberRow, numberEncoder } from "@sepal/schema/row-encoding";
import * as z from "zod";
import {
  invalidField,
  processingTime,
  noteServed,
  selectModel,
  type Operation,
} from "./operation.ts";
import type { CallContext } from "../context.ts";

/** An explanation by the names of features and, for a regression, targets. */
export function named<C extends Contract>(
  contract: C,
  { method, outputs, base, contributions, standardError, rows }: Attribution,
): Omit<ExplainResponse<C>, keyof ServedBy> {
  const numbers = (values: readonly number[]) =>
    contract.task === "regression"
      ? Object.fromEntries(contract.targets.map(({ name }, index) => [name, values[index]]))
      : [...values];
  const byFeature = (values: readonly (readonly number[])[]) =>
    Object.fromEntries(
      contract.features.map(({ name }, index) => [name, numbers(values[index] ?? [])]),
    );
  const parts = {
    [contract.task === "regression" ? "values" : "proba"]: numbers(outputs),
    base: numbers(base),
    contributions: byFeature(contributions),
    method,
    ...(standardError && { standard_error: byFeature(standardError), rows }),
  };
  // A number or list for each name of the contract, as its type says.
  return parts as unknown as Omit<ExplainResponse<C>, keyof ServedBy>;
}

/** Why a prediction for a text is not explained. */
export const TEXT_UNEXPLAINED =
  "a prediction from a text has one feature, the text, and is not split into contributions";

/** Splits the prediction for one feature vector of a contract among its features. */
export function explainOperation<C extends Contract>(contract: C) {
  const encode = numberEncoder(contract);
  const isText = textFeature(contract) !== undefined;
  return {
    input: z.compile(predictRequest(contract), { strict: true }),
    output: z.compile(explainResponse(contract), { strict: true }),
    async run(input: PredictRequest<C>, context: CallContext) {
      if (isText) throw invalidField(["body", "features"], TEXT_UNEXPLAINED, input.features);
      const model = selectModel(contract, input, context);
      const { name, version } = model;
      using _held = model.hold();
      const background = await readBackground(context.services.registry.repository, model);
      const rows = background.rows.filter(isNumberRow);
      const explanation = await model.explain(encode(input.features), rows, context);
      const { startedAt, queueMs, computeMs } = explanation;
      noteServed(context, { model: name, version, rows: 1, startedAt, queueMs, computeMs });
      return {
        ...named(contract, explanation),
        model_used: name,
        model_version: version,
        processing_time_ms: processingTime(context),
      };
    },
  } satisfies Operation<PredictRequest<C>, unknown>;
}
