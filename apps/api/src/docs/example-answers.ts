import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import { labelled } from "../operations/labelled.ts";
import { selectModel } from "../operations/select-model.ts";
import type { Services } from "../services.ts";

/** How one row is answered, and by which model. */
interface ExampleAnswer {
  readonly prediction: object;
  readonly served: { readonly model_used: string; readonly model_version: string };
}

/** By contract name, the answer to its first example. */
export type ExampleAnswers = Readonly<Partial<Record<string, ExampleAnswer>>>;

async function answer(
  contract: Contract,
  services: Services,
): Promise<[string, ExampleAnswer] | undefined> {
  try {
    const model = selectModel(contract, {}, { services });
    const row = await model.predict(contract.examples[0].features, { probe: true });
    const served = { model_used: model.name, model_version: model.version };
    return [contract.name, { prediction: labelled(contract, row), served }];
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
