import { ERROR_CODES } from "@sepal/schema/error-codes";
import type { SepalError } from "@sepal/schema/sepal-error";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import type { FailedRequest, RenderedError } from "./rendered-error.ts";
import { publicMessage } from "./to-sepal-error.ts";

/** Which request headers a tRPC reply depends on, as the stock adapter says. */
export const TRPC_VARY = "trpc-accept, accept";

/** `error` of a tRPC reply: message, JSON-RPC code, and `data` with the REST body's list of broken rules. */
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

/** The tRPC face, for failures found before tRPC's own adapter runs. */
export function trpcFace(error: SepalError, { requestId, url }: FailedRequest): RenderedError {
  const path = url.replace(/\?.*$/, "").replace(/^\/trpc\/?/, "");
  const failure = { error: trpcErrorShape(error, requestId, path) };
  return {
    status: error.status,
    contentType: "application/json; charset=utf-8",
    vary: TRPC_VARY,
    body: ONE_OF_BATCH.test(url) ? [failure] : failure,
  };
}
