import type { Neighbour } from "@sepal/model/search/search-index";
import { readBackground } from "@sepal/model/repository/shap-background";
import type { ServedModel } from "@sepal/model/served-model";
import type { Contract } from "@sepal/schema/define-contract";
import { isNumberRow, rowEncoder, type ModelRow } from "@sepal/schema/row-encoding";
import { SepalError } from "@sepal/schema/sepal-error";
import { VERSION } from "../version.ts";
import { named } from "../operations/explain.ts";
import { selectModel } from "../operations/operation.ts";
import { indexOf } from "../operations/search.ts";
import type { Services } from "../context.ts";

const ACCURACY = {
  method: "stratified 10-fold cross-validation",
  mean: 0.946667,
  std: 0.0581187,
};
const CHECKSUM = "858ccf94edbaf15a20746505107fd87e8283c106fef856dcf986afe22f2cbaa4";

const EQUAL = "the bits of ONNX Runtime on 2750 golden rows and 2000 rows placed on thresholds";

const FEATURES = [
  { name: "sepal_length", label: "Sepal length", unit: "cm", min: 4.3, max: 7.9 },
  { name: "sepal_width", label: "Sepal width", unit: "cm", min: 2, max: 4.4 },
  { name: "petal_length", label: "Petal length", unit: "cm", min: 1, max: 6.9 },
  { name: "petal_width", label: "Petal width", unit: "cm", min: 0.1, max: 2.5 },
];
const CLASSES = ["setosa", "versicolor", "virginica"];

const READY = {
  state: "ready",
  reason: null,
  accuracy: ACCURACY,
  explain: { offered: true, reason: null },
  engine: { name: "evaluator" as const, reason: EQUAL },
  checksum: CHECKSUM,
};

/** A model. */
export const CARD = {
  name: "iris-forest",
  contract: "iris",
  task: "classification",
  family: "random forest",
  description: "Random forest of 50 trees, trained on all rows of the iris data set.",
  is_default: true,
  features: FEATURES,
  classes: CLASSES,
  versions: [{ version: "1", ...READY }],
  default_version: "1",
  ...READY,
};

/** A job that has succeeded. */
export const JOB = {
  job_id: "2f1c5f0e-3b1d-4c8e-9a53-0b9f4f3d6a10",
  status: "succeeded",
  rows_done: 2,
  rows_bad: 0,
  rows_total: 2,
  created_at: "2026-11-21T09:30:00.000Z",
  started_at: "2026-11-21T09:30:00.010Z",
  finished_at: "2026-11-21T09:30:00.120Z",
  error: null,
};

/** A server whose models serve. */
export const HEALTH = {
  status: "ok",
  model_loaded: true,
  reason: null,
  default_model: "iris-forest",
  models: { "iris-forest": "ready", "iris-logistic": "ready", "iris-mlp": "ready" },
  version: VERSION,
  uptime_s: 3600,
};

/** Training rows, cut. */
export const BACKGROUND = {
  model_name: "iris-forest",
  features: FEATURES.map(({ name }) => name),
  classes: CLASSES,
  rows: [
    [5.1, 3.5, 1.4, 0.2],
    [4.9, 3, 1.4, 0.2],
  ],
  class: [0, 0],
  total: 150,
};

/** The prediction of one row, and its model. */
interface ExamplePrediction {
  readonly prediction: object;
  /** Absent where the model has no training data to be explained by. */
  readonly explanation: object | undefined;
  /** What a search for it finds; absent where nothing is searched. */
  readonly neighbours: readonly Neighbour[] | undefined;
  readonly served: { readonly model_used: string; readonly model_version: string };
}

/** By contract name, the prediction of its first example. */
export type ExamplePredictions = Readonly<Partial<Record<string, ExamplePrediction>>>;

const PROBE = { probe: true };

/** Results that an example of a search asks for. */
export const EXAMPLE_TOP_K = 2;

async function explain(
  contract: Contract,
  model: ServedModel,
  features: ModelRow,
  { registry }: Services,
): Promise<object | undefined> {
  if (!isNumberRow(features)) return undefined;
  try {
    const { rows } = await readBackground(registry.repository, model);
    return named(contract, await model.explain(features, rows.filter(isNumberRow), PROBE));
  } catch (error) {
    // Without its training data a model still predicts.
    if (error instanceof SepalError) return undefined;
    throw error;
  }
}

async function search(
  model: ServedModel,
  prediction: object,
  services: Services,
): Promise<readonly Neighbour[] | undefined> {
  if (!("embedding" in prediction) || !Array.isArray(prediction.embedding)) return undefined;
  try {
    return await indexOf(model, services).nearest(prediction.embedding, EXAMPLE_TOP_K);
  } catch (error) {
    // Not published, or without an index.
    if (error instanceof SepalError) return undefined;
    throw error;
  }
}

async function predictExample(
  contract: Contract,
  services: Services,
): Promise<[string, ExamplePrediction] | undefined> {
  try {
    const model = selectModel(contract, {}, { services });
    using _held = model.hold();
    const [{ features }] = contract.examples;
    const row = rowEncoder(contract)(features);
    const { prediction } = await model.predict(row, PROBE);
    const served = { model_used: model.name, model_version: model.version };
    const explanation = await explain(contract, model, row, services);
    const neighbours = await search(model, prediction, services);
    return [contract.name, { prediction, explanation, neighbours, served }];
  } catch (error) {
    if (error instanceof SepalError) return undefined;
    throw error;
  }
}

/** Runs each contract's model on its first example; one that cannot serve now is left out. */
export async function examplePredictions(services: Services): Promise<ExamplePredictions> {
  const all = services.registry.contracts
    .all()
    .map((contract) => predictExample(contract, services));
  return Object.fromEntries((await Promise.all(all)).filter((entry) => entry !== undefined));
}
