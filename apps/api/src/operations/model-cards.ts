import { explainRefusal } from "@sepal/model/explain/explainer";
import type { ModelEntry, ModelRegistry, VersionEntry } from "@sepal/model/repository/registry";
import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
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
import type { Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

const known: Readonly<Record<string, Contract>> = contracts;

function explainOffer({ served }: VersionEntry) {
  const reason = served ? explainRefusal(served.manifest) : "the version is not ready";
  return { offered: reason === null, reason };
}

function versionCard(entry: VersionEntry) {
  const { version, state, reason, served } = entry;
  return {
    version,
    state,
    reason,
    accuracy: served?.manifest.accuracy ?? null,
    explain: explainOffer(entry),
    checksum: served?.manifest.files["model.onnx"].sha256 ?? null,
  };
}

function card(registry: ModelRegistry, model: ModelEntry): ModelCard {
  const version = registry.defaultVersion(model);
  const contractName = model.file?.contract ?? "";
  const manifest = version.served?.manifest;
  const contract = Object.hasOwn(known, contractName) ? known[contractName] : undefined;
  const features = contract?.features ?? [];
  const { accuracy, explain, checksum, state, reason } = versionCard(version);
  return {
    name: model.name,
    contract: contractName,
    task: contract?.task ?? "",
    family: manifest?.family ?? null,
    description: model.file?.description ?? "",
    is_default: model.name === registry.defaultModel,
    features: features.map(({ name, label, unit }) => {
      const range = manifest?.features.find((feature) => feature.name === name);
      return { name, label, unit, min: range?.min ?? null, max: range?.max ?? null };
    }),
    classes: [...(contract?.classes ?? [])],
    versions: [...model.versions.values()].map(versionCard),
    default_version: version.version,
    state,
    reason: reason ?? model.reason,
    accuracy,
    explain,
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
    const { rows, classes, total } = await readBackground(registry.repository, model);
    return {
      model_name: model.name,
      features: model.contract.features.map((feature) => feature.name),
      classes: [...model.contract.classes],
      rows,
      class: classes,
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
