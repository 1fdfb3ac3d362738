import type { ModelEntry, ModelRegistry } from "@sepal/model/repository/registry";
import type { RepositoryIndex } from "@sepal/schema/inference";

const STATES = { ready: "READY", loading: "LOADING", unavailable: "UNAVAILABLE" } as const;

function versionsOf({ name, reason, versions }: ModelEntry): RepositoryIndex {
  if (versions.size === 0) return [{ name, state: "UNAVAILABLE", reason: reason ?? "" }];
  return [...versions.values()].map((entry) => ({
    name,
    version: entry.version,
    state: STATES[entry.state],
    reason: entry.reason ?? "",
  }));
}

/** Every version that there is or, with `ready`, that answers. */
export function indexRepository(registry: ModelRegistry, ready: boolean): RepositoryIndex {
  const all = registry.models().flatMap(versionsOf);
  return ready ? all.filter(({ state }) => state === "READY") : all;
}
