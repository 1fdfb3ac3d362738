import type { ErrorCode } from "@sepal/schema/error-codes";
import { SepalError } from "@sepal/schema/sepal-error";

/** Failures that the HTTP host finds before any route runs, by Fastify's code. */
const HOST_ERRORS: Record<string, readonly [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    "unsupported_media_type",
    "the content type should be application/json",
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    "malformed_request",
    "the body is not as long as content-length says",
  ],
  FST_ERR_BAD_URL: ["malformed_request", "the path is not valid URL encoding"],
  FST_ERR_MAX_PARAM_LENGTH: ["not_found", "there is no such route"],
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: [
    "unsupported_media_type",
    "the content type should be application/json",
  ],
  // tRPC's own adapter, when host and path make no URL.
  BAD_REQUEST: ["malformed_request", "the host or the path is not a valid URL"],
};

/** Whatever was thrown, as the one error that all formats know; an unknown one reveals nothing of the inside. */
export function toSepalError(error: unknown): SepalError {
  if (error instanceof SepalError) return error;
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    const known = HOST_ERRORS[error.code];
    if (known !== undefined) return new SepalError(known[0], known[1], { cause: error });
  }
  return new SepalError("internal", "internal error", { cause: error });
}

/** The failure of a body that is no JSON; V8's message quotes a part of it. */
export function notJson(cause: unknown): SepalError {
  const message = "the body is not JSON";
  const why = cause instanceof Error ? cause.message : "";
  return new SepalError("malformed_body", `${message}: ${why}`, { cause, unquoted: message });
}

/** What a caller may read of a failure: an internal one keeps its reason to the log. */
export function publicMessage(error: SepalError): string {
  return error.code === "internal" ? "Internal Server Error" : error.message;
}

/** The `too_large` of what a request brought and may not be as long as it is; `limit` in bytes. */
export function overLimit(
  what: "body" | "inflated body" | "file",
  limit: number,
  cause?: unknown,
): SepalError {
  return new SepalError("too_large", `the ${what} is larger than ${limit} bytes`, { cause });
}
