import { loadVersion } from "@sepal/model/repository/load-version";
import { readModelFolder, readVersionFiles } from "@sepal/model/repository/model-files";
import type { ServedModel } from "@sepal/model/served-model";
import { contracts } from "@sepal/schema/contracts/index";
import type { ScoreOptions } from "./command-options.ts";

const OBSERVER = { modelLoaded() {}, queued() {}, executed() {}, rejected() {} };

/** No row comes alone here, so that the batcher has nothing to do. */
const LIMITS = { maxBatchSize: 1, maxDelayMs: 0, maxQueueRows: 64 };

/** The model, proved against its golden rows as in a server. */
export async function openModel({ models, model, version }: ScoreOptions): Promise<ServedModel> {
  const folder = await readModelFolder(models, model).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`there is no model "${model}" in ${models}: ${why}`, { cause });
  });
  const files = await readVersionFiles(folder, version ?? folder.file.default_version);
  const options = { contracts, limits: LIMITS, observer: OBSERVER, lane: "batch" as const };
  return loadVersion(files, options);
}
