import type { TestRepository } from "../../test/support/model-repository.ts";
import { following, served, type ServedRepository } from "../../test/support/served-repository.ts";
import { startChanged, type SourceChange } from "./start-changed.ts";

interface ServedOptions {
  readonly changes?: readonly SourceChange[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** Serves a repository and looks at it often; both end together. */
export async function serveRepository(
  repository: TestRepository,
  { changes = [], variables = {} }: ServedOptions = {},
): Promise<ServedRepository> {
  const own = following(repository);
  return served(await startChanged({ changes, variables: { ...own, ...variables } }), repository);
}
