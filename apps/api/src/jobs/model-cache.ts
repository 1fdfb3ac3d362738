import { join } from "node:path";
import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import { versionStamp } from "@sepal/model/repository/scan-repository";
import { loadVersion } from "@sepal/model/repository/load-version";
import { readModelFolder } from "@sepal/model/repository/model-files";
import { readAdmittedFiles, type Admit } from "@sepal/model/repository/admission";
import type { ServedModel } from "@sepal/model/served-model";
import { contractStamp, readContractOf } from "@sepal/model/repository/contract-files";
import { failureReason } from "@sepal/model/repository/failure-reason";
import { SepalError } from "@sepal/schema/sepal-error";
import { batchLimits } from "../settings/model-settings.ts";
import type { Settings } from "../settings/settings.ts";

interface CacheOptions {
  readonly settings: Settings;
  readonly admit: Admit;
  readonly observer: InferenceObserver;
}

/** The model that the last job ran with: jobs of one model often come in turn, and a model takes memory. */
export class ModelCache {
  readonly #options: CacheOptions;
  #opened: ServedModel | undefined;
  /** Of its files when it was opened. */
  #stamp = "";

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** The model of that name and version, admitted and proved as for the request path; fails with `unavailable` when it does not serve. */
  async open(name: string, version: string): Promise<ServedModel> {
    const { settings, admit, observer } = this.#options;
    const repository = settings.MODELS_DIR;
    const folder = await readModelFolder(repository, name).catch(() => undefined);
    const contract = folder?.file.contract ?? "";
    const stamps = [
      versionStamp(join(repository, name, version)),
      contractStamp(repository, contract),
    ];
    const stamp = (await Promise.all(stamps)).join(" ");
    const known = this.#opened;
    const same = known?.name === name && known.version === version;
    if (known !== undefined && same && stamp === this.#stamp) return known;
    try {
      if (folder === undefined) throw new Error("its folder cannot be read");
      const contracts = new Map([[contract, await readContractOf(repository, contract)]]);
      const files = await readAdmittedFiles(folder, { version, stamp }, { admit, contracts });
      const options = {
        contracts,
        limits: batchLimits(settings),
        observer,
        lane: "worker" as const,
      };
      const opened = await loadVersion(files, options);
      await this.release();
      this.#opened = opened;
      this.#stamp = stamp;
      return opened;
    } catch (cause) {
      // Changed files that are refused leave what they would have replaced, as in the request path.
      if (known !== undefined && same) return known;
      const why = cause instanceof Error ? `: ${failureReason(cause)}` : "";
      const message = `version ${version} of model "${name}" does not serve any more${why}`;
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
