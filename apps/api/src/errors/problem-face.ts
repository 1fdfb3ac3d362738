import { ERROR_CODES } from "@sepal/schema/error-codes";
import type { SepalError } from "@sepal/schema/sepal-error";
import type { FailedRequest, RenderedError } from "./rendered-error.ts";
import { publicMessage } from "./to-sepal-error.ts";

/** JSON Pointer (RFC 6901) into the body; `loc` starts with the word `body`. */
function pointer(loc: readonly (string | number)[]): string {
  return loc
    .slice(1)
    .map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** The RFC 9457 face, for clients that accept `application/problem+json`. */
export function problemFace(error: SepalError, { requestId }: FailedRequest): RenderedError {
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
