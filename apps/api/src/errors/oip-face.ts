import { ERROR_CODES } from "@sepal/schema/error-codes";
import type { SepalError } from "@sepal/schema/sepal-error";
import type { RenderedError } from "./rendered-error.ts";
import { publicMessage } from "./to-sepal-error.ts";

/** The face of the Open Inference Protocol: one string, 400 for what is 422 elsewhere. */
export function oipFace(error: SepalError): RenderedError {
  const row = ERROR_CODES[error.code];
  return {
    status: "oipStatus" in row ? row.oipStatus : row.status,
    // Clients of the protocol compare the content type as a whole.
    contentType: "application/json",
    body: { error: publicMessage(error) },
  };
}
