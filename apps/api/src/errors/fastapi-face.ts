import type { SepalError } from "@sepal/schema/sepal-error";
import type { FailedRequest, RenderedError } from "./rendered-error.ts";
import { publicMessage } from "./to-sepal-error.ts";

/** The default face: what FastAPI clients know, with the request's id. */
export function fastapiFace(error: SepalError, { requestId }: FailedRequest): RenderedError {
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
