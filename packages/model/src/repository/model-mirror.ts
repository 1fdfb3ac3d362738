import type { Contract } from "@sepal/schema/define-contract";
import { probe } from "./canary.ts";
import { openModel } from "../session/open-model.ts";
import type { ServeOptions } from "./load-version.ts";
import { contractNamed, type ContractRegistry } from "./contract-registry.ts";
import type { ModelSource } from "../model-source.ts";
import { ModelRegistry, type ModelEntry, type VersionEntry } from "./registry.ts";
import { ServedModel } from "../served-model.ts";

type MirroredVersion = Omit<VersionEntry, "served"> & { readonly source: ModelSource | undefined };
type MirroredModel = Omit<ModelEntry, "versions"> & {
  readonly versions: readonly MirroredVersion[];
};

/** What a registry holds, in a form that other threads can take; the bytes of the models are shared, not copied. */
export interface RegistryImage {
  readonly repository: string;
  readonly defaultModel: string | null;
  readonly fault: string | null;
  readonly models: readonly MirroredModel[];
  /** The mounted ones. */
  readonly contracts: readonly Contract[];
}

function versionImage({ version, state, reason, served }: VersionEntry): MirroredVersion {
  return { version, state, reason, source: served?.source };
}

function modelImage({ name, file, reason, standard, versions }: ModelEntry): MirroredModel {
  return { name, file, reason, standard, versions: [...versions.values()].map(versionImage) };
}

/** The image of a registry as it is now. */
export function registryImage(registry: ModelRegistry): RegistryImage {
  const { repository, defaultModel, fault } = registry;
  const models = registry.models().map(modelImage);
  return { repository, defaultModel, fault, models, contracts: registry.contracts.mounted() };
}

interface MirrorOptions extends ServeOptions {
  readonly contracts: ContractRegistry;
}

/** A registry of another thread's models, in sessions of this one. */
export class ModelMirror {
  readonly registry: ModelRegistry;
  readonly #options: MirrorOptions;
  readonly #open = new Map<number, ServedModel>();

  /** Starts empty, with the names of the image. */
  constructor({ repository, defaultModel }: RegistryImage, options: MirrorOptions) {
    const { contracts } = options;
    this.registry = new ModelRegistry({ repository, defaultModel, contracts });
    this.#options = options;
  }

  /** Opens what is new in the image, and frees what is not in it any more; nothing else may change the registry meanwhile. */
  async show(image: RegistryImage): Promise<void> {
    this.registry.mount(image.contracts, new Map());
    const sources = image.models.flatMap(({ versions }) =>
      versions.flatMap(({ source }) => (source === undefined ? [] : [source])),
    );
    for (const source of sources) {
      if (!this.#open.has(source.id)) this.#open.set(source.id, await this.#openModel(source));
    }
    for (const { name } of this.registry.models()) this.registry.delete(name);
    this.registry.fault = image.fault;
    this.registry.defaultModel = image.defaultModel;
    for (const model of image.models) {
      const versions = new Map<string, VersionEntry>();
      for (const { version, state, reason, source } of model.versions) {
        const served = source && this.#open.get(source.id);
        versions.set(version, { version, state, reason, served });
      }
      this.registry.set({ ...model, versions });
    }
    const shown = new Set(sources.map(({ id }) => id));
    for (const [id, served] of this.#open) {
      if (shown.has(id)) continue;
      this.#open.delete(id);
      void served.retire();
    }
  }

  async #openModel(source: ModelSource): Promise<ServedModel> {
    const { contracts, limits, observer, lane } = this.#options;
    const contract = contractNamed(contracts, source.manifest.contract);
    const opened = await openModel(source.engine.name, source.bytes);
    const served = new ServedModel({ contract, source, opened, limits, observer, lane });
    await probe(served);
    return served;
  }
}
