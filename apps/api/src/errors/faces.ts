import type { SepalError } from "@sepal/schema/sepal-error";
import { fastapiFace } from "./fastapi-face.ts";
import { oipFace } from "./oip-face.ts";
import { problemFace } from "./problem-face.ts";
import type { FailedRequest, RenderedError } from "./rendered-error.ts";
import { trpcFace } from "./trpc-face.ts";

const OIP_PATH = /^\/v2(?:\/(?:health|models|repository)(?:\/.*)?)?\/?(?:\?.*)?$/;

/** Shows one failure the way the route and the client's `accept` header ask for. */
export function renderError(
  failure: SepalError,
  request: FailedRequest,
  accept: string | undefined,
): RenderedError {
  const error = request.echoInput === true ? failure : failure.withoutInput();
  if (/^\/trpc(?:\/|\?|$)/.test(request.url)) return trpcFace(error, request);
  if (OIP_PATH.test(request.url)) return oipFace(error);
  if (accept?.includes("application/problem+json") === true) return problemFace(error, request);
  return fastapiFace(error, request);
}
