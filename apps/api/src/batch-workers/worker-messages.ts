import type { RegistryImage } from "@sepal/model/repository/model-mirror";
import type { Settings } from "../settings/settings.ts";
import type { BatchJob } from "./batch-job.ts";
import type { BlockJob } from "./block-job.ts";
import type { ReadJob } from "./read-job.ts";

/** What a worker thread is started with. */
export interface BatchWorkerData {
  readonly settings: Settings;
  readonly image: RegistryImage;
}

/** What a worker thread is sent: work, or what its models are from now on. */
export type ToBatchWorker = BatchJob | BlockJob | ReadJob | { readonly image: RegistryImage };
