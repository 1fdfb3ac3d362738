import type { Manifest } from "@sepal/model/manifest";
import type { ModelEntry, ModelRegistry, VersionEntry } from "@sepal/model/repository/registry";
import {
  textFeature,
  unitOf,
  type Contract,
  type FeatureSpec,
} from "@sepal/schema/define-contract";
import { decodeValue, type ModelRow } from "@sepal/schema/row-encoding";
import {
  modelCard,
  modelList,
  modelBackground,
  type ModelCard,
  type ModelBackground,
} from "@sepal/schema/model-card";
import * as z from "zod";
import { readBackground } from "@sepal/model/repository/shap-background";
import type { RepositoryIndex } from "@sepal/schema/inference";
import { TEXT_UNEXPLAINED } from "./explain.ts";
import type { Operation } from "./operation.ts";
import { requirePublished } from "./publishing.ts";
import type { CallContext } from "../context.ts";

function explainOffer({ served }: VersionEntry) {
  const reason =
    served === undefined
      ? "the version is not ready"
      : textFeature(served.contract) === undefined
        ? null
        : TEXT_UNEXPLAINED;
  return { offered: reason === null, reason };
}

function metricsOf(manifest: Manifest | undefined) {
  if (manifest?.targets === undefined) return {};
  return {
    metrics: Object.fromEntries(manifest.targets.map(({ name, metrics }) => [name, metrics])),
  };
}

/** A feature of the contract with its range in the training data. */
function featureCard(contract: Contract, feature: FeatureSpec, manifest: Manifest | undefined) {
  const { name, label, type, nullable = false } = feature;
  const range = manifest?.features.find((column) => column.name === name);
  const { min = null, max = null } = range !== undefined && "min" in range ? range : {};
  return {
    name,
    label,
    unit: unitOf(feature),
    ...(contract.rows !== "list" && { type, nullable }),
    ...(feature.type === "category" && { values: [...feature.values] }),
    ...(feature.type === "text" && { max_length: feature.max_length }),
    min,
    max,
  };
}

/** What a contract predicts. */
function outcomes(contract: Contract | undefined) {
  if (contract === undefined) return { classes: [] };
  if (contract.task === "classification") return { classes: [...contract.classes] };
  if (contract.task === "embedding") return { dimensions: contract.dimensions };
  return {
    targets: contract.targets.map((target) => {
      const { name, label } = target;
      return { name, label, unit: unitOf(target) };
    }),
  };
}

function versionCard(entry: VersionEntry) {
  const { version, state, reason, served } = entry;
  return {
    version,
    state,
    reason,
    accuracy: served?.manifest.accuracy ?? null,
    ...metricsOf(served?.manifest),
    explain: explainOffer(entry),
    engine: served?.source.engine ?? null,
    checksum: served?.manifest.files["model.onnx"].sha256 ?? null,
  };
}

function card(registry: ModelRegistry, model: ModelEntry): ModelCard {
  const version = registry.defaultVersion(model);
  const contractName = model.file?.contract ?? "";
  const manifest = version.served?.manifest;
  const contract = registry.contracts.get(contractName);
  const { accuracy, explain, engine, checksum, state, reason } = versionCard(version);
  return {
    name: model.name,
    contract: contractName,
    task: contract?.task ?? "",
    family: manifest?.family ?? null,
    description: model.file?.description ?? "",
    is_default: model.name === registry.defaultModel,
    features: contract?.features.map((feature) => featureCard(contract, feature, manifest)) ?? [],
    ...outcomes(contract),
    versions: [...model.versions.values()].map(versionCard),
    default_version: version.version,
    state,
    reason: reason ?? model.reason,
    accuracy,
    ...metricsOf(manifest),
    explain,
    engine,
    checksum,
  };
}

/** Every model there is, also those that cannot serve, with the reason. */
export const listModels = {
  input: z.strictObject({}).optional(),
  output: modelList,
  run(_input: object | undefined, { services }: CallContext) {
    const { registry } = services;
    return { models: registry.models().map((model) => card(registry, model)) };
  },
} satisfies Operation<object | undefined, z.infer<typeof modelList>>;

/** Input that names a model. */
const modelName = z.strictObject({ model_name: z.string().min(1).max(128) });

/** One model. */
export const getModel = {
  input: modelName,
  output: modelCard,
  run({ model_name }: z.infer<typeof modelName>, { services }: CallContext) {
    const { registry } = services;
    return card(registry, registry.model(model_name));
  },
} satisfies Operation<z.infer<typeof modelName>, ModelCard>;

/** The rows a model was trained on, thinned out for pictures. */
export const getBackground = {
  input: modelName,
  output: modelBackground,
  async run({ model_name }: z.infer<typeof modelName>, { services }: CallContext) {
    const { registry } = services;
    const model = registry.resolve(model_name);
    requirePublished(model, "the training data", services);
    const { contract } = model;
    const { rows, classes, values, total } = await readBackground(registry.repository, model);
    const { features } = contract;
    const decoded = (row: ModelRow) =>
      features.map((feature, index) => decodeValue(feature, row[index] ?? Number.NaN));
    return {
      model_name: model.name,
      features: features.map((feature) => feature.name),
      ...(contract.task === "classification" && { classes: [...contract.classes] }),
      ...(contract.task === "regression" && { targets: contract.targets.map(({ name }) => name) }),
      rows: rows.map(decoded),
      ...(contract.task === "classification" && { class: classes }),
      ...(contract.task === "regression" && { values }),
      total,
    };
  },
} satisfies Operation<z.infer<typeof modelName>, ModelBackground>;

const STATES = { ready: "READY", loading: "LOADING", unavailable: "UNAVAILABLE" } as const;

function versionsOf({ name, reason, versions }: ModelEntry): RepositoryIndex {
  if (versions.size === 0) return [{ name, state: "UNAVAILABLE", reason: reason ?? "" }];
  return [...versions.values()].map((entry) => ({
    name,
    version: entry.version,
    state: STATES[entry.state],
    reason: entry.reason ?? "",
  }));
}

/** Every version that there is or, with `ready`, that serves. */
export function indexRepository(registry: ModelRegistry, ready: boolean): RepositoryIndex {
  const all = registry.models().flatMap(versionsOf);
  return ready ? all.filter(({ state }) => state === "READY") : all;
}
