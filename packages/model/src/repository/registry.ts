import type { Contract } from "@sepal/schema/define-contract";
import type { ModelState } from "@sepal/schema/model-card";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { ContractRegistry } from "./contract-registry.ts";
import type { ModelFile } from "../manifest.ts";
import type { ServedModel } from "../served-model.ts";
import { defaultModelOf } from "./default-model.ts";

/** One version as the registry knows it; `served` is there exactly when it is ready. */
export interface VersionEntry {
  readonly version: string;
  readonly state: ModelState;
  /** Why it is not ready, or why its changed files are rejected while the loaded ones stay in use. */
  readonly reason: string | null;
  readonly served: ServedModel | undefined;
}

/** One model as the registry knows it. */
export interface ModelEntry {
  readonly name: string;
  /** `undefined` while its `model.json` has never been readable. */
  readonly file: ModelFile | undefined;
  /** Why its folder cannot be read, or why another version serves than its `model.json` names. */
  readonly reason: string | null;
  readonly versions: ReadonlyMap<string, VersionEntry>;
  /** The default version: the one of `model.json`, or its predecessor until that one is ready. */
  readonly standard: string | undefined;
}

/** The models and versions, which of them serve, and which is the default. */
export class ModelRegistry {
  /** The model that predicts where none is named; `null` while there is none. */
  defaultModel: string | null;
  readonly repository: string;
  readonly contracts: ContractRegistry;
  readonly #models = new Map<string, ModelEntry>();
  /** Found at each change: every request asks for it. */
  #root: Contract | undefined;
  #fault: string | null = null;
  /** Whether the repository was read once, so that there is a default model or none. */
  #read = false;
  /** Called before a mounted contract is taken; throws the reason why the server cannot serve it. */
  prepare: (contract: Contract) => void = () => undefined;
  readonly #listeners = new Set<() => void>();

  constructor({
    repository,
    defaultModel,
    contracts,
  }: Pick<ModelRegistry, "repository" | "defaultModel" | "contracts">) {
    this.defaultModel = defaultModel;
    this.repository = repository;
    this.contracts = contracts;
    this.#root = this.#findRoot();
  }

  /** Chooses the default among these models where there is none yet: the usual one, else the first by name. */
  chooseDefault(names: readonly string[]): void {
    const before = this.defaultModel;
    this.defaultModel ??= defaultModelOf(names);
    if (this.#read && this.defaultModel === before) return;
    this.#read = true;
    this.#changed();
  }

  /** Why the repository as a whole cannot be read. */
  get fault(): string | null {
    return this.#fault;
  }

  set fault(reason: string | null) {
    if (reason === this.#fault) return;
    this.#fault = reason;
    this.#changed();
  }

  /** Why there may be a default model that is not known yet; `null` where there is none, or where it is known. */
  get undecided(): string | null {
    if (this.defaultModel !== null) return null;
    return this.#fault ?? (this.#read ? null : "the models are loading");
  }

  /** The contract of the routes that name none: that of the default model; the program's own while that is not known. */
  get rootContract(): Contract | undefined {
    return this.#root;
  }

  #findRoot(): Contract | undefined {
    if (this.defaultModel === null && this.undecided === null) return undefined;
    const name = this.#models.get(this.defaultModel ?? "")?.file?.contract;
    return this.contracts.get(name ?? this.contracts.first);
  }

  /** Takes these as the mounted contracts, and the files that are none with their reasons. */
  mount(contracts: readonly Contract[], faults: ReadonlyMap<string, string>): void {
    this.contracts.mount(contracts);
    this.contracts.faults = faults;
    this.#changed();
  }

  /** Calls a listener after every change. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #changed(): void {
    this.#root = this.#findRoot();
    for (const listener of this.#listeners) listener();
  }

  /** Puts a model in, in place of what was there of that name; the next request meets it. */
  set(model: ModelEntry): void {
    this.#models.set(model.name, model);
    this.#changed();
  }

  /** Takes a model out. */
  delete(name: string): void {
    this.#models.delete(name);
    this.#changed();
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
   * Name of the model that predicts for a contract where none is named: the default model for its own contract, and no
   * other in its place; else the contract's first by name.
   */
  defaultOf(contract: string): string | undefined {
    if (this.defaultModel !== null && contract === this.rootContract?.name) {
      return this.defaultModel;
    }
    return this.models().find((model) => model.file?.contract === contract)?.name;
  }

  /** The default version; its absence has a reason. */
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
   * The model that serves a request; the default ones where nothing is named.
   *
   * Fails with `not_found` for an unknown name or version and `unavailable` for one that is not ready.
   */
  resolve(name: string | null = this.defaultModel, version?: string): ServedModel {
    if (name === null) {
      if (this.undecided !== null) throw unavailable(this.undecided);
      throw new SepalError("not_found", "there is no default model: name one");
    }
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
