import { ERROR_CODES, type ErrorCode } from "@sepal/schema/error-codes";
import type { ErrorFormat } from "../errors/error-formats.ts";

const REQUEST_ID = "3f0c5bde-6f0a-4a54-9c1e-0d3f1b2c4d5e";

/** A message that the code really comes with. */
const MESSAGES: Record<ErrorCode, string> = {
  malformed_body: "the body is empty",
  malformed_request: "x-request-timeout-ms should be a whole number of milliseconds",
  unauthorized: "an API key or a bearer token is needed",
  forbidden: "an admin key is needed",
  not_found: 'there is no model "rose"',
  method_not_allowed: "this route takes POST",
  conflict: "the job is running and has no result",
  too_large: "the body is larger than 65536 bytes",
  unsupported_media_type: "the content type should be application/json",
  misdirected: 'the host "sepal.example" is not one of ALLOWED_HOSTS',
  invalid_input: "body.features.0: Input should be a valid number",
  too_many_requests: "100 calls a minute are allowed",
  cancelled: "the client is gone",
  internal: "Internal Server Error",
  unavailable: "the queue of iris-forest is full",
  deadline_exceeded: "the deadline passed before the work was run",
};

const header = (description: string) => ({ description, schema: { type: "string" } });
const RETRY_AFTER = { "retry-after": header("Seconds to wait before a retry.") };

/** Headers that come with a code. */
const HEADERS: Partial<Record<ErrorCode, object>> = {
  unauthorized: { "www-authenticate": header("Accepted authentication schemes (RFC 9110).") },
  too_many_requests: RETRY_AFTER,
  unavailable: RETRY_AFTER,
};

const ENTRY = {
  type: "float_type",
  loc: ["body", "features", 0],
  msg: "Input should be a valid number",
};

function restContent(code: ErrorCode, echoInput: boolean) {
  const { status, title } = ERROR_CODES[code];
  const request_id = REQUEST_ID;
  const broken = code === "invalid_input";
  const problem = {
    type: `urn:sepal:error:${code}`,
    title,
    status,
    detail: MESSAGES[code],
    request_id,
    ...(broken && {
      errors: [{ pointer: "/features/0", detail: ENTRY.msg, type: ENTRY.type }],
      errors_total: 1,
    }),
  };
  return {
    "application/json": {
      schema: { $ref: `#/components/schemas/${broken ? "ValidationError" : "Error"}` },
      example: broken
        ? { detail: [echoInput ? { ...ENTRY, input: "one" } : ENTRY], errors_total: 1, request_id }
        : { detail: MESSAGES[code], request_id },
    },
    "application/problem+json": {
      schema: { $ref: "#/components/schemas/Problem" },
      example: problem,
    },
  };
}

function oipContent(code: ErrorCode) {
  return {
    "application/json": {
      schema: { $ref: "#/components/schemas/InferenceError" },
      example: { error: MESSAGES[code] },
    },
  };
}

/** OpenAPI `responses` of the errors a route can give, each from the one table of codes. */
export function errorResponses(
  codes: readonly ErrorCode[],
  { format, echoInput }: { readonly format: ErrorFormat; readonly echoInput: boolean },
) {
  const responses: Record<string, object> = {};
  for (const code of codes) {
    const row = ERROR_CODES[code];
    const status = format === "oip" && "oipStatus" in row ? row.oipStatus : row.status;
    // Two codes of one status share a response; the first one's example stands for both.
    responses[status] ??= {
      description: row.title,
      ...(code in HEADERS && { headers: HEADERS[code] }),
      content: format === "oip" ? oipContent(code) : restContent(code, echoInput),
    };
  }
  return responses;
}
