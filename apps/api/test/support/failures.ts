const JSON_BODY = { "content-type": "application/json" };
/** A request that succeeds. */
export const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };
const NAN = { features: [100.25, 3.5, 1.4, 0.2], model_name: "iris-mlp", model_version: "nan" };

/** A POST of a value as JSON, or of a text as it is. */
export function requestOf(body: unknown, headers: Record<string, string> = {}): RequestInit {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { method: "POST", headers: { ...JSON_BODY, ...headers }, body: text };
}

/** Every way `/predict` fails, given the repository of `error-faces.test.ts`: status, code, tRPC name, request, message. */
export const FAILURES = [
  [400, "malformed_body", "PARSE_ERROR", requestOf("{"), /^the body is not JSON: /],
  [
    400,
    "malformed_request",
    "BAD_REQUEST",
    requestOf(GOOD, { "x-request-timeout-ms": "soon" }),
    /^x-request-timeout-ms should be a whole number of milliseconds$/,
  ],
  [
    404,
    "not_found",
    "NOT_FOUND",
    requestOf({ ...GOOD, model_name: "rose" }),
    /^there is no model "rose"$/,
  ],
  [405, "method_not_allowed", "METHOD_NOT_SUPPORTED", { method: "GET" }, /POST|GET/],
  [
    413,
    "too_large",
    "PAYLOAD_TOO_LARGE",
    requestOf(" ".repeat(2 ** 24 + 1)),
    /^the body is larger than (?:65536|16777216) bytes$/,
  ],
  [
    415,
    "unsupported_media_type",
    "UNSUPPORTED_MEDIA_TYPE",
    requestOf(GOOD, { "content-type": "text/csv" }),
    /^the content type should be application\/json$/,
  ],
  [
    422,
    "invalid_input",
    "UNPROCESSABLE_CONTENT",
    requestOf({ features: [-1, 2, 3, 4] }),
    /^body\.features\.0: Input should be greater than 0$/,
  ],
  [500, "internal", "INTERNAL_SERVER_ERROR", requestOf(NAN), /^Internal Server Error$/],
  [
    503,
    "unavailable",
    "SERVICE_UNAVAILABLE",
    requestOf({ ...GOOD, model_name: "iris-logistic" }),
    /^model "iris-logistic" is not ready: checksum of model\.onnx /,
  ],
  [
    504,
    "deadline_exceeded",
    "GATEWAY_TIMEOUT",
    requestOf(GOOD, { "x-request-timeout-ms": "0" }),
    /^the deadline passed before the work was run$/,
  ],
] as const;
