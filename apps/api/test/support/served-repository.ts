import type { ApiProcess } from "./api-process.ts";
import type { TestRepository } from "./model-repository.ts";

/** A server and the model repository that it follows; both end together. */
export interface ServedRepository extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly repository: TestRepository;
}

/** Variables with which a server looks at a repository often. */
export function following({ path }: TestRepository): Record<string, string> {
  return { MODELS_DIR: path, MODELS_POLL_MS: "50" };
}

/** A server with the repository that is its own. */
export function served(api: ApiProcess, repository: TestRepository): ServedRepository {
  return {
    api,
    repository,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}
