import type { InferenceObserver } from "@sepal/model/inference-observer";
import { loadVersion } from "@sepal/model/load-version";
import { readModelFolder, readVersionFiles } from "@sepal/model/model-files";
import type { ServedModel } from "@sepal/model/served-model";
import { contracts } from "@sepal/schema/contracts/index";
import { SepalError } from "@sepal/schema/sepal-error";
import { batchLimits, type Settings } from "../settings.ts";

/** The model that the last job ran with: jobs of one model often come in turn, and a model takes memory. */
export class ModelCache {
  readonly #settings: Settings;
  readonly #observer: InferenceObserver;
  #opened: ServedModel | undefined;

  constructor(settings: Settings, observer: InferenceObserver) {
    this.#settings = settings;
    this.#observer = observer;
  }

  /** The model of that name and version, proved as for the request path; fails with `unavailable` when it does not serve. */
  async open(name: string, version: string): Promise<ServedModel> {
    if (this.#opened?.name === name && this.#opened.version === version) return this.#opened;
    await this.release();
    try {
      const folder = await readModelFolder(this.#settings.MODELS_DIR, name);
      const limits = batchLimits(this.#settings);
      const options = { contracts, limits, observer: this.#observer, lane: "worker" as const };
      this.#opened = await loadVersion(await readVersionFiles(folder, version), options);
      return this.#opened;
    } catch (cause) {
      const message = `version ${version} of model "${name}" does not serve any more`;
      throw new SepalError("unavailable", message, { cause });
    }
  }

  /** Frees the model; nothing may be running. */
  async release(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.retire();
  }
}
