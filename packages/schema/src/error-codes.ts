interface ErrorCodeRow {
  /** HTTP status on REST and tRPC. */
  readonly status: number;
  /** HTTP status on the Open Inference Protocol, where it differs. */
  readonly oipStatus?: number;
  /** tRPC's name of the code. */
  readonly trpc: string;
  /** RFC 9457 title and the summary in the OpenAPI document. */
  readonly title: string;
}

/** The one table from an error's code to the response in each error format. */
export const ERROR_CODES = {
  malformed_body: { status: 400, trpc: "PARSE_ERROR", title: "The body is not valid JSON" },
  malformed_request: { status: 400, trpc: "BAD_REQUEST", title: "The request is not valid HTTP" },
  unauthorized: {
    status: 401,
    trpc: "UNAUTHORIZED",
    title: "Credentials are missing or not valid",
  },
  forbidden: { status: 403, trpc: "FORBIDDEN", title: "The caller lacks permission" },
  not_found: {
    status: 404,
    trpc: "NOT_FOUND",
    title: "The model, version, job or route does not exist",
  },
  method_not_allowed: {
    status: 405,
    trpc: "METHOD_NOT_SUPPORTED",
    title: "The route does not take this method",
  },
  conflict: {
    status: 409,
    trpc: "CONFLICT",
    title: "Not available in this state, such as the result of a queued job",
  },
  too_large: { status: 413, trpc: "PAYLOAD_TOO_LARGE", title: "The body exceeds the limit" },
  unsupported_media_type: {
    status: 415,
    trpc: "UNSUPPORTED_MEDIA_TYPE",
    title: "The content type is not supported",
  },
  misdirected: {
    status: 421,
    trpc: "BAD_REQUEST",
    title: "The server does not answer to the name in the Host header",
  },
  invalid_input: {
    status: 422,
    oipStatus: 400,
    trpc: "UNPROCESSABLE_CONTENT",
    title: "The input violates the schema",
  },
  too_many_requests: {
    status: 429,
    trpc: "TOO_MANY_REQUESTS",
    title: "The caller is over its quota",
  },
  // Never received, because the connection is gone: for the log and the metrics.
  cancelled: { status: 499, trpc: "CLIENT_CLOSED_REQUEST", title: "The client is gone" },
  internal: { status: 500, trpc: "INTERNAL_SERVER_ERROR", title: "The server failed" },
  unavailable: {
    status: 503,
    trpc: "SERVICE_UNAVAILABLE",
    title: "The server is overloaded or draining, or its model is not ready",
  },
  deadline_exceeded: {
    status: 504,
    trpc: "GATEWAY_TIMEOUT",
    title: "The deadline passed before the work was run",
  },
} as const satisfies Record<string, ErrorCodeRow>;

/** Every kind of failure there is. */
export type ErrorCode = keyof typeof ERROR_CODES;
