import type { Backlog } from "@sepal/model/backlog";
import type { InferenceObserver } from "@sepal/model/inference-observer";
import type { ModelRegistry } from "@sepal/model/registry";
import type { IdentityFault } from "./identity/open-identity.ts";
import type { JobDesk } from "./jobs/job-desk.ts";
import type { PredictionCache } from "./response-cache/prediction-cache.ts";
import type { Settings } from "./settings.ts";
import type { Lifecycle } from "./lifecycle/lifecycle.ts";

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
