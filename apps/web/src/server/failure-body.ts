/** A request that the playground's server fails itself. */
export interface OwnFailure {
  readonly status: number;
  /** What is wrong and what to do. */
  readonly detail: string;
  /** tRPC's name of the code and its number. */
  readonly trpc: readonly [name: string, code: number];
}

/** The response body of a failure: in tRPC's form for a path below `/trpc`, else in FastAPI's. */
export function failureBody(path: string, { status, detail, trpc }: OwnFailure): object {
  if (!path.startsWith("/trpc/")) return { detail, request_id: null };
  const [code, number] = trpc;
  const procedures = path.slice("/trpc/".length).split("?", 1)[0];
  return {
    error: { message: detail, code: number, data: { code, httpStatus: status, path: procedures } },
  };
}
