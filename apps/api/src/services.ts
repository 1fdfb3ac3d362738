import type { ModelRegistry } from "@sepal/model/registry";
import type { Settings } from "./settings.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** What operations work with; made once a process. */
export interface Services {
  readonly settings: Settings;
  readonly registry: ModelRegistry;
  readonly lifecycle: Lifecycle;
}
