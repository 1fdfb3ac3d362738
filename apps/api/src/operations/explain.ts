import { readBackground } from "@sepal/model/repository/shap-background";
import { explainRefusal, type Explanation } from "@sepal/model/explain/explainer";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { explainResponse, type Contributions } from "@sepal/schema/explain";
import { predictRequest, type PredictRequest } from "@sepal/schema/predict";
import * as z from "zod";
import {
  invalidField,
  processingTime,
  noteServed,
  selectModel,
  type Operation,
} from "./operation.ts";
import type { CallContext } from "../context.ts";

/** An explanation whose contributions carry the names of the features. */
export function named<const F extends readonly FeatureSpec[]>(
  contract: Contract<F>,
  { proba, base, contributions }: Explanation,
) {
  const entries = contract.features.map(({ name }, index) => [name, contributions[index]]);
  // One list a feature, in the features' own order.
  const byName = Object.fromEntries(entries) as Contributions<F>;
  return { proba, base, contributions: byName };
}

/** Splits the prediction for one feature vector of a contract among its features. */
export function explainOperation<
  const F extends readonly FeatureSpec[],
  const C extends readonly string[],
>(contract: Contract<F, C>) {
  return {
    input: z.compile(predictRequest(contract), { strict: true }),
    output: z.compile(explainResponse(contract), { strict: true }),
    async run(input: PredictRequest<F>, context: CallContext) {
      const model = selectModel(contract, input, context);
      const { name, version, manifest } = model;
      const refusal = explainRefusal(manifest);
      if (refusal !== null) {
        throw invalidField(["body", "model_name"], `${name} is not explained: ${refusal}`, name);
      }
      using _held = model.hold();
      const { rows } = await readBackground(context.services.registry.repository, model);
      const explanation = await model.explain(input.features, rows, context);
      const { startedAt, queueMs, computeMs } = explanation;
      noteServed(context, { model: name, version, rows: 1, startedAt, queueMs, computeMs });
      return {
        ...named(contract, explanation),
        model_used: name,
        model_version: version,
        processing_time_ms: processingTime(context),
      };
    },
  } satisfies Operation<PredictRequest<F>, unknown>;
}
