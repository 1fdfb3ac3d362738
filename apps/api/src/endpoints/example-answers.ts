import { readBackground } from "@sepal/model/repository/background";
import { explainRefusal } from "@sepal/model/explain/explain-offer";
import type { ServedModel } from "@sepal/model/served-model";
import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import { named } from "../operations/explain.ts";
import { labelled, selectModel } from "../operations/operation.ts";
import type { Services } from "../context.ts";

/** How one row is answered, and by which model. */
interface ExampleAnswer {
  readonly prediction: object;
  /** Absent where the model is not explained. */
  readonly explanation: object | undefined;
  readonly served: { readonly model_used: string; readonly model_version: string };
}

/** By contract name, the answer to its first example. */
export type ExampleAnswers = Readonly<Partial<Record<string, ExampleAnswer>>>;

const PROBE = { probe: true };

async function explain(
  contract: Contract,
  model: ServedModel,
  features: readonly number[],
  { registry }: Services,
): Promise<object | undefined> {
  if (explainRefusal(model.manifest) !== null) return undefined;
  const { rows } = await readBackground(registry.repository, model);
  return named(contract, await model.explain(features, rows, PROBE));
}

async function answer(
  contract: Contract,
  services: Services,
): Promise<[string, ExampleAnswer] | undefined> {
  try {
    const model = selectModel(contract, {}, { services });
    using _held = model.hold();
    const [{ features }] = contract.examples;
    const row = await model.predict(features, PROBE);
    const served = { model_used: model.name, model_version: model.version };
    const explanation = await explain(contract, model, features, services);
    return [contract.name, { prediction: labelled(contract, row), explanation, served }];
  } catch (error) {
    if (error instanceof SepalError) return undefined;
    throw error;
  }
}

/** Asks each contract's model about its first example; one that cannot answer now is left out. */
export async function exampleAnswers(services: Services): Promise<ExampleAnswers> {
  const all = Object.values(contracts).map((contract) => answer(contract, services));
  return Object.fromEntries((await Promise.all(all)).filter((entry) => entry !== undefined));
}
