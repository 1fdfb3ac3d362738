import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { ServedModel } from "@sepal/model/served-model";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
import { SepalError } from "@sepal/schema/sepal-error";
import { invalidField } from "./operation.ts";
import type { CallContext } from "../context.ts";

/** Why the default model cannot answer for the default contract although it is loaded, or `null` where it can. */
export function defaultModelFault(registry: ModelRegistry): string | null {
  const { defaultModel } = registry;
  const contract = registry.get(defaultModel)?.file?.contract;
  if (contract === undefined || contract === defaultContract.name) return null;
  return `DEFAULT_MODEL is "${defaultModel}", which serves the contract ${contract}, not ${defaultContract.name}`;
}

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
  const model = registry.resolve(name ?? undefined, model_version ?? undefined);
  if (model.contract.name !== contract.name) {
    // Nothing that the client named: the server is set up wrongly.
    if (name === undefined || name === null) {
      const reason = defaultModelFault(registry) ?? "it serves another contract";
      throw new SepalError("unavailable", reason, { headers: { "retry-after": "60" } });
    }
    const msg = `Model "${model.name}" serves the contract ${model.contract.name}, not ${contract.name}`;
    throw invalidField(["body", "model_name"], msg, model.name);
  }
  return model;
}
