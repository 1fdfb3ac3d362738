/** Routes whose answer is computed by a model. */
const COMPUTED = /\/(?:explain|predict(?:-batch)?|infer)(?:\/|$)/;

const HEADERS = {
  "server-timing": {
    description:
      "Milliseconds of `queue`, waiting, `compute`, in the model, and `total`, in the server.",
    schema: { type: "string" },
    example: "queue;dur=0.046, compute;dur=0.021, total;dur=0.200",
  },
};

const SINGLE = /\/predict(?:\/|$)/;

const CACHE_HEADERS = {
  "x-cache": {
    description: "Whether the answer was kept; only where the server keeps answers.",
    schema: { type: "string", enum: ["hit", "miss"] },
  },
};

/** Describes the headers of an answer that a model computed. */
export function addAnswerHeaders(
  path: string,
  operation: { responses?: Record<string, unknown> },
): void {
  if (!COMPUTED.test(path)) return;
  const headers = SINGLE.test(path) ? { ...HEADERS, ...CACHE_HEADERS } : HEADERS;
  const response = Object(operation.responses?.["200"]);
  response.headers = { ...response.headers, ...headers };
}
