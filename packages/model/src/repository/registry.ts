import type { ModelState } from "@sepal/schema/model-card";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { ModelFile } from "../manifest.ts";
import type { ServedModel } from "../served-model.ts";

/** One version as the registry knows it; `served` is there exactly when it is ready. */
export interface VersionEntry {
  readonly version: string;
  readonly state: ModelState;
  /** Why it is not ready, or why its changed files are refused while the loaded ones go on answering. */
  readonly reason: string | null;
  readonly served: ServedModel | undefined;
}

/** One model as the registry knows it. */
export interface ModelEntry {
  readonly name: string;
  /** `undefined` while its `model.json` has never been readable. */
  readonly file: ModelFile | undefined;
  /** Why its folder cannot be read, or why another version answers than its `model.json` names. */
  readonly reason: string | null;
  readonly versions: ReadonlyMap<string, VersionEntry>;
  /** Version that answers when none is named: the one of `model.json`, or its predecessor until that one is ready. */
  readonly standard: string | undefined;
}

/** Which models and versions there are, which of them answer, and which is the default. */
export class ModelRegistry {
  readonly defaultModel: string;
  readonly repository: string;
  readonly #models = new Map<string, ModelEntry>();
  /** Why the repository as a whole cannot be read. */
  fault: string | null = null;
  /** Called after every change. */
  onChange: () => void = () => undefined;

  constructor({ repository, defaultModel }: Pick<ModelRegistry, "repository" | "defaultModel">) {
    this.defaultModel = defaultModel;
    this.repository = repository;
  }

  /** Puts a model in, in place of what was there of that name; the next request meets it. */
  set(model: ModelEntry): void {
    this.#models.set(model.name, model);
    this.onChange();
  }

  /** Takes a model out. */
  delete(name: string): void {
    this.#models.delete(name);
    this.onChange();
  }

  /** A model, if there is one of that name. */
  get(name: string): ModelEntry | undefined {
    return this.#models.get(name);
  }

  /** Every model, by name. */
  models(): ModelEntry[] {
    return [...this.#models.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** One model; `not_found` when there is none of that name. */
  model(name: string): ModelEntry {
    const model = this.#models.get(name);
    if (model === undefined) throw new SepalError("not_found", `there is no model "${name}"`);
    return model;
  }

  /**
   * Name of the model that answers for a contract where none is named: the contract's first by name.
   *
   * The default contract has the default model instead, and no other in its place.
   */
  firstOf(contract: string): string | undefined {
    return this.models().find((model) => model.file?.contract === contract)?.name;
  }

  /** The version that answers when none is named; its absence has a reason. */
  defaultVersion(model: ModelEntry): VersionEntry {
    const version = model.standard ?? model.file?.default_version ?? "";
    return (
      model.versions.get(version) ?? {
        version,
        state: "unavailable",
        reason: model.reason ?? `its default version "${version}" does not exist`,
        served: undefined,
      }
    );
  }

  /**
   * The model that answers a request; the default ones where nothing is named.
   *
   * Fails with `not_found` for an unknown name or version and `unavailable` for one that is not ready.
   */
  resolve(name: string = this.defaultModel, version?: string): ServedModel {
    if (name === this.defaultModel && !this.#models.has(name)) {
      throw notReady(name, this.fault ?? "it is not loaded");
    }
    const model = this.model(name);
    const entry = version === undefined ? this.defaultVersion(model) : model.versions.get(version);
    if (entry === undefined) {
      throw new SepalError("not_found", `model "${name}" has no version "${version}"`);
    }
    if (entry.served === undefined) throw notReady(name, entry.reason ?? "it is not loaded");
    return entry.served;
  }
}

function notReady(name: string, reason: string): SepalError {
  return unavailable(`model "${name}" is not ready: ${reason}`);
}
