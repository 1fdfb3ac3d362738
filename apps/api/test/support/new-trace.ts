import { randomBytes } from "node:crypto";

/** Ids of a trace whose caller keeps it, or not. */
export function newTrace(flags = "01") {
  const traceId = randomBytes(16).toString("hex");
  const parentId = randomBytes(8).toString("hex");
  return { traceId, parentId, headers: { traceparent: `00-${traceId}-${parentId}-${flags}` } };
}
