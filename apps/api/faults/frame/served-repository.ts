import type { ApiProcess } from "../../test/api-process.ts";
import type { TestRepository } from "../../test/model-repository.ts";
import { startChanged, type SourceChange } from "./start-changed.ts";

/** A server with a model repository of its own. */
export interface ServedRepository extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly repository: TestRepository;
}

interface ServedOptions {
  readonly changes?: readonly SourceChange[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** Serves a repository and looks at it often; both end together. */
export async function serveRepository(
  repository: TestRepository,
  { changes = [], variables = {} }: ServedOptions = {},
): Promise<ServedRepository> {
  const own = { MODELS_DIR: repository.path, MODELS_POLL_MS: "50" };
  const api = await startChanged({ changes, variables: { ...own, ...variables } });
  return {
    api,
    repository,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}
