import { ERROR_CODES } from "@sepal/schema/error-codes";
import type { SepalError } from "@sepal/schema/sepal-error";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { preference } from "../media-ranges.ts";
import { publicMessage } from "./failures.ts";

/** A failure in one format. */
interface RenderedError {
  readonly status: number;
  readonly contentType: string;
  readonly vary?: string;
  readonly body: unknown;
}

/** The formats of failures: Sepal's own, which a client may ask for as RFC 9457, that of tRPC, and that of the Open Inference Protocol. */
export type ErrorFormat = "rest" | "trpc" | "oip";

/** What a format may repeat of the failed request. */
interface FailedRequest {
  /** The format of its route. */
  readonly format: ErrorFormat;
  readonly requestId: string;
  /** Path with query, as the client sent it. */
  readonly url: string;
  /** Whether the response repeats values of the request; absent, it does not. */
  readonly echoInput?: boolean | undefined;
}

/** The default format: what FastAPI clients know, with the request's id. */
function fastapiFormat(error: SepalError, { requestId }: FailedRequest): RenderedError {
  const { status, validation } = error;
  const detail =
    validation === undefined
      ? { detail: publicMessage(error) }
      : {
          detail: validation.entries,
          errors_total: validation.total,
          ...(validation.cut === true && { errors_cut: true }),
        };
  return {
    status,
    contentType: "application/json; charset=utf-8",
    body: { ...detail, request_id: requestId },
  };
}

/** The format of the Open Inference Protocol: one string, 400 for what is 422 elsewhere. */
function oipFormat(error: SepalError): RenderedError {
  const row = ERROR_CODES[error.code];
  return {
    status: "oipStatus" in row ? row.oipStatus : row.status,
    // Clients of the protocol compare the content type as a whole.
    contentType: "application/json",
    body: { error: publicMessage(error) },
  };
}

/** JSON Pointer (RFC 6901) into the body; `loc` starts with the word `body`. */
function pointer(loc: readonly (string | number)[]): string {
  return loc
    .slice(1)
    .map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** The format of RFC 9457, for clients that accept `application/problem+json`. */
function problemFormat(error: SepalError, { requestId }: FailedRequest): RenderedError {
  const { status, code, validation } = error;
  return {
    status,
    contentType: "application/problem+json; charset=utf-8",
    body: {
      type: `urn:sepal:error:${code}`,
      title: ERROR_CODES[code].title,
      status,
      detail: publicMessage(error),
      request_id: requestId,
      ...(validation && {
        errors: validation.entries.map(({ type, loc, msg }) => ({
          pointer: pointer(loc),
          detail: msg,
          type,
        })),
        errors_total: validation.total,
        ...(validation.cut === true && { errors_cut: true }),
      }),
    },
  };
}

/** Which request headers a tRPC response varies by, as in the stock adapter. */
export const TRPC_VARY = "trpc-accept, accept";

/** `error` of a tRPC response: message, JSON-RPC code, and `data` with the REST body's list of broken rules. */
export function trpcErrorShape(
  error: SepalError,
  requestId: string | undefined,
  path: string | undefined,
) {
  const { status, code, validation } = error;
  const name = ERROR_CODES[code].trpc;
  return {
    message: publicMessage(error),
    code: TRPC_ERROR_CODES_BY_KEY[name],
    data: {
      code: name,
      httpStatus: status,
      path,
      detail: validation?.entries,
      errors_total: validation?.total,
      errors_cut: validation?.cut === true ? true : undefined,
      request_id: requestId,
    },
  };
}

const ONE_OF_BATCH = /^\/trpc\/[^,?]+\?batch=1$/;

/** The format of tRPC, for failures found before tRPC's own adapter runs. */
function trpcFormat(error: SepalError, { requestId, url }: FailedRequest): RenderedError {
  const path = url.replace(/\?.*$/, "").replace(/^\/trpc\/?/, "");
  const failure = { error: trpcErrorShape(error, requestId, path) };
  return {
    status: error.status,
    contentType: "application/json; charset=utf-8",
    vary: TRPC_VARY,
    body: ONE_OF_BATCH.test(url) ? [failure] : failure,
  };
}

/** Whether a client names `application/problem+json` and weighs it no less than plain JSON. */
function asksForProblem(accept: string): boolean {
  if (!/problem\+json/i.test(accept)) return false;
  const { quality, specific } = preference(accept, "application/problem+json");
  return quality > 0 && specific === 3 && quality >= preference(accept, "application/json").quality;
}

/** Shows one failure the way the route and the client's `accept` header ask for. */
export function renderError(
  failure: SepalError,
  request: FailedRequest,
  accept: string | undefined,
): RenderedError {
  const error = request.echoInput === true ? failure : failure.withoutInput();
  if (request.format === "trpc") return trpcFormat(error, request);
  if (request.format === "oip") return oipFormat(error);
  if (accept !== undefined && asksForProblem(accept)) return problemFormat(error, request);
  return fastapiFormat(error, request);
}
