import type { ModelChoice } from "@sepal/schema/predict";
import type { Call, Backlog } from "@sepal/model/batching/backlog";
import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { IdentityFault } from "./auth/open-identity.ts";
import type { JobDesk } from "./jobs/job-desk.ts";
import type { PredictionCache } from "./response-cache/prediction-cache.ts";
import type { Settings } from "./settings/settings.ts";
import type { Served } from "./observability/served.ts";
import type { Lifecycle } from "./lifecycle.ts";

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
  /** Told of refusals; absent in a thread that computes for the requests of another. */
  readonly observer?: Pick<InferenceObserver, "rejected"> | undefined;
  /** Files of keys and users that cannot be used; absent in a thread, and before the identity is opened. */
  readonly identityFaults?: () => readonly IdentityFault[];
  /** Absent where no answers are kept. */
  readonly cache?: PredictionCache | undefined;
  /** Absent in a thread that computes for the requests of another. */
  readonly jobs?: JobDesk | undefined;
}

/** A checked batch whose rows are packed. */
export interface PackedBatch extends ModelChoice {
  readonly kind: "readRows";
  /** `[n, features]`. */
  readonly rows: Float32Array<ArrayBuffer>;
  readonly batch_size: number | null | undefined;
}

/** One call of an operation, whichever face it came through. */
export interface CallContext extends Call {
  readonly requestId: string;
  readonly services: Services;
  /** When the request was read, on the clock of `performance.now()`. */
  readonly arrived: number;
  /** Who calls, such as `key:nightly`; absent where nobody has to say so. */
  caller: string | undefined;
  /** The batch of a stream, where it is read elsewhere than in the call's own input. */
  packed?: Promise<PackedBatch> | undefined;
  /** Filled in by the operation. */
  served: Served | undefined;
}
