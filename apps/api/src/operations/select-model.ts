import type { ServedModel } from "@sepal/model/served-model";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
import { invalidField, type CallContext } from "./operation.ts";

/**
 * The model a request asks for.
 *
 * Fails with `not_found`, `unavailable`, or `invalid_input` when the model serves another contract.
 */
export function selectModel(
  contract: Contract,
  { model_name, model_version }: ModelChoice,
  { services }: Pick<CallContext, "services">,
): ServedModel {
  const { registry } = services;
  // The default contract has the default model and no other in its place.
  const isDefault = contract.name === defaultContract.name;
  const name = model_name ?? (isDefault ? undefined : registry.firstOf(contract.name));
  const model = registry.resolve(name, model_version);
  if (model.contract.name !== contract.name) {
    const msg = `Model "${model.name}" serves the contract ${model.contract.name}, not ${contract.name}`;
    throw invalidField(["body", "model_name"], msg, model.name);
  }
  return model;
}
