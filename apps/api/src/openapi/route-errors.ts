import type { ErrorCode } from "@sepal/schema/error-codes";
import type { Face } from "./error-responses.ts";

interface RouteErrors {
  readonly face: Face;
  readonly codes: readonly ErrorCode[];
}

/** Every route reads `x-request-timeout-ms`, can meet a bug, and is refused when the server ends. */
const ALWAYS = ["malformed_request", "internal", "unavailable"] as const;

const PREDICT = [
  "malformed_body",
  "not_found",
  "too_large",
  "unsupported_media_type",
  "invalid_input",
  "internal",
  "unavailable",
  "deadline_exceeded",
] as const;

/** A body is read where the method may have one, also one that no route asked for. */
const BODY = ["malformed_body", "too_large", "unsupported_media_type"] as const;

const REPOSITORY = [...ALWAYS, ...BODY, "not_found"] as const;

const LOGIN = [
  "malformed_body",
  "malformed_request",
  "unauthorized",
  "too_large",
  "unsupported_media_type",
  "invalid_input",
  "too_many_requests",
  "internal",
  "unavailable",
] as const;

/** Which errors a documented route can give. */
export function routeErrors(path: string, method: string): RouteErrors {
  if (/\/(?:explain|predict(?:-batch|-file)?)(?:\/|$)/.test(path))
    return { face: "rest", codes: PREDICT };
  if (path === "/login") return { face: "rest", codes: LOGIN };
  if (path.endsWith("/infer")) return { face: "oip", codes: PREDICT };
  if (path.startsWith("/v2/models/")) {
    return { face: "oip", codes: [...ALWAYS, "not_found"] };
  }
  if (path.startsWith("/v2/repository/")) return { face: "oip", codes: REPOSITORY };
  if (path.startsWith("/v2")) return { face: "oip", codes: ALWAYS };
  if (path.endsWith("/jobs")) return { face: "rest", codes: PREDICT };
  if (path === "/jobs/{job_id}") {
    const read = method === "delete" ? BODY : [];
    return { face: "rest", codes: [...ALWAYS, ...read, "not_found"] };
  }
  if (path === "/jobs/{job_id}/result") {
    return { face: "rest", codes: [...ALWAYS, "not_found", "conflict"] };
  }
  if (path === "/models/{model_name}") return { face: "rest", codes: [...ALWAYS, "not_found"] };
  if (path === "/models/{model_name}/background") {
    return { face: "rest", codes: [...ALWAYS, "not_found"] };
  }
  return { face: "rest", codes: ALWAYS };
}
