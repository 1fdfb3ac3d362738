import type { ModelChoice } from "@sepal/schema/predict";
import type { Call, Backlog } from "@sepal/model/batching/backlog";
import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import type { ModelInput } from "@sepal/model/session/model-input";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { IdentityFault } from "./auth/open-identity.ts";
import type { JobService } from "./jobs/job-service.ts";
import type { CacheResult, PredictionCache } from "./response-cache/prediction-cache.ts";
import type { Settings } from "./settings/settings.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** What an operation did, for the log line and the headers of its request. */
export interface Served {
  model: string;
  version: string;
  rows: number;
  /** When the run began, on the clock of `performance.now()`; 0 where nothing ran. */
  startedAt?: number | undefined;
  /** When the wait began, where it did not end with the run's begin. */
  queuedAt?: number | undefined;
  /** Wait before the run, in milliseconds. */
  queueMs?: number | undefined;
  /** Duration of the run, in milliseconds. */
  computeMs?: number | undefined;
  /** From the reading of the request to the prediction, in milliseconds; absent, it is still running. */
  totalMs?: number | undefined;
  /** Whether the prediction came from the cache; absent where there is none. */
  cached?: CacheResult | undefined;
}

/** Loads and unloads models, in all processes of the server. */
export interface RepositoryControl {
  /** Fails with `not_found`, or with `malformed_request` and the reasons where a version is refused. */
  load(model: string): Promise<void>;
  /** Fails with `not_found`. */
  unload(model: string): Promise<void>;
}

/** What operations work with; made once a process. */
export interface Services {
  readonly settings: Settings;
  readonly registry: ModelRegistry;
  /** Absent in a thread that computes for the requests of another. */
  readonly repository?: RepositoryControl | undefined;
  readonly lifecycle: Lifecycle;
  /** Absent in a thread that computes for the requests of another. */
  readonly backlog?: Backlog | undefined;
  /** Counts rejections; absent in a thread that computes for the requests of another. */
  readonly observer?: Pick<InferenceObserver, "rejected"> | undefined;
  /** Files of keys and users and issuers that cannot be used; absent in a thread, and before the identity is opened. */
  readonly identityFaults?: () => readonly IdentityFault[];
  /** Absent where no predictions are kept. */
  readonly cache?: PredictionCache | undefined;
  /** Absent in a thread that computes for the requests of another. */
  readonly jobs?: JobService | undefined;
}

/** A checked batch whose rows are packed. */
export interface PackedBatch extends ModelChoice {
  readonly kind: "readRows";
  /** `[n, features]`, or the texts of a contract of texts. */
  readonly rows: ModelInput;
  readonly batch_size: number | null | undefined;
}

/** One call of an operation, whichever protocol it came through. */
export interface CallContext extends Call {
  readonly requestId: string;
  readonly services: Services;
  /** When the request was read, on the clock of `performance.now()`. */
  readonly arrived: number;
  /** The caller, such as `key:nightly`; absent where callers need no credential. */
  caller: string | undefined;
  /** When the caller's token ends, in milliseconds since the epoch; absent for a key. */
  expires?: number | undefined;
  /** The batch of a stream, where it is read elsewhere than in the call's own input. */
  packed?: Promise<PackedBatch> | undefined;
  /** Filled in by the operation. */
  served: Served | undefined;
}
