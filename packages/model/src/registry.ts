import type { Contract } from "@sepal/schema/define-contract";
import type { ModelState } from "@sepal/schema/model-card";
import { SepalError } from "@sepal/schema/sepal-error";
import type { BatchLimits } from "./dynamic-batcher.ts";
import type { InferenceObserver, Lane } from "./inference-observer.ts";
import { loadOrder } from "./load-order.ts";
import { loadVersion } from "./load-version.ts";
import { listModelNames, readModelFolder, type ModelFolder } from "./model-files.ts";
import type { ServedModel } from "./served-model.ts";

/** One version as the registry knows it; `served` is there exactly when it is ready. */
export interface VersionEntry {
  readonly version: string;
  readonly state: ModelState;
  readonly reason: string | null;
  readonly served: ServedModel | undefined;
}

/** One model as the registry knows it. */
export interface ModelEntry {
  readonly name: string;
  /** `undefined` while its `model.json` cannot be read. */
  readonly folder: ModelFolder | undefined;
  /** Why the folder cannot be read. */
  readonly reason: string | null;
  readonly versions: ReadonlyMap<string, VersionEntry>;
}

interface RegistryOptions {
  /** Path of the model repository. */
  readonly repository: string;
  readonly defaultModel: string;
  readonly contracts: Readonly<Record<string, Contract>>;
  readonly limits: BatchLimits;
  readonly observer: InferenceObserver;
  /** Which way its batches go. */
  readonly lane: Lane;
}

interface LoadOptions {
  /** Models to load right after the default one. */
  readonly required?: readonly string[];
  readonly whenNeeded?: () => Promise<void>;
}

/** Words for a reader of the API: the code of a system error, whose message would tell paths. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const system = "code" in error && "syscall" in error;
  return system ? `${String(error.code)} (${String(error.syscall)})` : error.message;
}

/** Which models and versions there are, which of them answer, and which is the default. */
export class ModelRegistry {
  readonly defaultModel: string;
  readonly repository: string;
  readonly #options: RegistryOptions;
  readonly #models = new Map<string, ModelEntry>();
  #fault: string | null = null;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.defaultModel = options.defaultModel;
    this.repository = options.repository;
  }

  /** Why the repository as a whole cannot be read. */
  get fault(): string | null {
    return this.#fault;
  }

  /**
   * Loads every version of every model once, default versions first; a bad one is kept with its reason.
   *
   * `whenNeeded` is awaited when the default model and the `required` ones are loaded or have failed.
   */
  async load({ required = [], whenNeeded }: LoadOptions = {}): Promise<void> {
    const folders = await this.#readFolders();
    const { needed, others } = loadOrder(folders, [this.defaultModel, ...required]);
    // One after the other, so that the default model answers as early as it can.
    for (const { folder, version } of needed) await this.#loadVersion(folder, version);
    await whenNeeded?.();
    for (const { folder, version } of others) await this.#loadVersion(folder, version);
  }

  async #readFolders(): Promise<ModelFolder[]> {
    try {
      const names = await listModelNames(this.#options.repository);
      const folders = await Promise.all(names.map((name) => this.#readFolder(name)));
      return folders.filter((folder) => folder !== undefined);
    } catch (error) {
      this.#fault = `the model repository cannot be read: ${reasonOf(error)}`;
      return [];
    }
  }

  async #readFolder(name: string): Promise<ModelFolder | undefined> {
    try {
      const folder = await readModelFolder(this.#options.repository, name);
      const versions = folder.versions.map((version): [string, VersionEntry] => [
        version,
        { version, state: "loading", reason: "the model is loading", served: undefined },
      ]);
      this.#models.set(name, { name, folder, reason: null, versions: new Map(versions) });
      return folder;
    } catch (error) {
      this.#models.set(name, {
        name,
        folder: undefined,
        reason: reasonOf(error),
        versions: new Map(),
      });
      return undefined;
    }
  }

  async #loadVersion(folder: ModelFolder, version: string): Promise<void> {
    let entry: VersionEntry;
    try {
      const served = await loadVersion(folder, version, this.#options);
      this.#options.observer.modelLoaded(folder.name, version);
      entry = { version, state: "ready", reason: null, served };
    } catch (error) {
      entry = { version, state: "unavailable", reason: reasonOf(error), served: undefined };
    }
    const model = this.#models.get(folder.name);
    if (model === undefined) return;
    const versions = new Map(model.versions).set(version, entry);
    this.#models.set(folder.name, { ...model, versions });
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
    return this.models().find((model) => model.folder?.file.contract === contract)?.name;
  }

  /** The version that answers when none is named; its absence has a reason. */
  defaultVersion(model: ModelEntry): VersionEntry {
    const version = model.folder?.file.default_version ?? "";
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
      throw notReady(name, this.#fault ?? "it is not loaded");
    }
    const model = this.model(name);
    const entry = version === undefined ? this.defaultVersion(model) : model.versions.get(version);
    if (entry === undefined) {
      throw new SepalError("not_found", `model "${name}" has no version "${version}"`);
    }
    if (entry.served === undefined) throw notReady(name, entry.reason ?? "it is not loaded");
    return entry.served;
  }

  /** Frees all models; nothing may be running. */
  async release(): Promise<void> {
    for (const { versions } of this.#models.values()) {
      for (const { served } of versions.values()) await served?.release();
    }
    this.#models.clear();
  }
}

function notReady(name: string, reason: string): SepalError {
  return new SepalError("unavailable", `model "${name}" is not ready: ${reason}`, {
    headers: { "retry-after": "1" },
  });
}
