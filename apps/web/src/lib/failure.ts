import type { AppRouter } from "@sepal/api/router";
import { retryAfterSeconds } from "@sepal/schema/retry-after";
import type { DetailEntry } from "@sepal/schema/validation-detail";
import { TRPCClientError } from "@trpc/client";

/** What went wrong with a call, as a person can be told. */
export interface Failure {
  readonly kind:
    | "down"
    | "unauthorized"
    | "forbidden"
    | "rate_limited"
    | "unavailable"
    | "invalid"
    | "not_found"
    | "other";
  readonly message: string;
  /** HTTP status; `null` when no answer came. */
  readonly status: number | null;
  /** Seconds until another attempt makes sense; `null` when the server named none. */
  readonly retryAfter: number | null;
  /** What to name when asking the operator. */
  readonly requestId: string | null;
  /** Broken rules of a 422. */
  readonly detail: readonly DetailEntry[];
}

/** The kind of failure that an HTTP status stands for; `null` is no answer at all. */
function failureKind(status: number | null): Failure["kind"] {
  switch (status) {
    case null:
    case 502:
      return "down";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 422:
      return "invalid";
    case 429:
      return "rate_limited";
    case 503:
      return "unavailable";
    default:
      return "other";
  }
}

const FIXED_MESSAGES: Partial<Record<Failure["kind"], string>> = {
  down: "The inference server does not answer.",
};

/** Reads whatever a call through the tRPC client threw. */
export function toFailure(error: unknown): Failure {
  const nothing = { status: null, retryAfter: null, requestId: null, detail: [] };
  if (!(error instanceof TRPCClientError)) {
    return { ...nothing, kind: "other", message: String(error) };
  }
  const { data, meta, message }: TRPCClientError<AppRouter> = error;
  const response = meta?.["response"] instanceof Response ? meta["response"] : null;
  const status = data?.httpStatus ?? response?.status ?? null;
  const kind = failureKind(status);
  return {
    kind,
    message: FIXED_MESSAGES[kind] ?? message,
    status,
    retryAfter: retryAfterSeconds(response?.headers.get("retry-after") ?? null),
    requestId: data?.request_id ?? response?.headers.get("x-request-id") ?? null,
    detail: data?.detail ?? [],
  };
}
