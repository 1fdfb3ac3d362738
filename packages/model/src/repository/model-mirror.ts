import { probe } from "./canary.ts";
import { createInferenceSession } from "../session/inference-session.ts";
import type { ServeOptions } from "./load-version.ts";
import { contractNamed, type ModelSource } from "../model-source.ts";
import { ModelRegistry, type ModelEntry, type VersionEntry } from "./registry.ts";
import { ServedModel } from "../served-model.ts";

type MirroredVersion = Omit<VersionEntry, "served"> & { readonly source: ModelSource | undefined };
type MirroredModel = Omit<ModelEntry, "versions"> & {
  readonly versions: readonly MirroredVersion[];
};

/** What a registry holds, in a form that other threads can take; the bytes of the models are shared, not copied. */
export interface RegistryImage {
  readonly repository: string;
  readonly defaultModel: string;
  readonly fault: string | null;
  readonly models: readonly MirroredModel[];
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
  return { repository, defaultModel, fault, models: registry.models().map(modelImage) };
}

/** A registry of another thread's models, in sessions of this one. */
export class ModelMirror {
  readonly registry: ModelRegistry;
  readonly #options: ServeOptions;
  readonly #open = new Map<number, ServedModel>();

  /** Starts empty, with the names of the image. */
  constructor(image: RegistryImage, options: ServeOptions) {
    this.registry = new ModelRegistry(image);
    this.#options = options;
  }

  /** Opens what is new in the image, and frees what is not in it any more; nothing else may change the registry meanwhile. */
  async show(image: RegistryImage): Promise<void> {
    const sources = image.models.flatMap(({ versions }) =>
      versions.flatMap(({ source }) => (source === undefined ? [] : [source])),
    );
    for (const source of sources) {
      if (!this.#open.has(source.id)) this.#open.set(source.id, await this.#openModel(source));
    }
    for (const { name } of this.registry.models()) this.registry.delete(name);
    this.registry.fault = image.fault;
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
    // ONNX Runtime takes no shared memory, and has its own once the session is open.
    const bytes = new Uint8Array(source.model);
    const session = await createInferenceSession(bytes);
    bytes.buffer.transfer(0);
    const served = new ServedModel({ contract, source, session, limits, observer, lane });
    await probe(served);
    return served;
  }
}
