import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { isJson, mediaType } from "../http/media-type.ts";
import { LARGE_BODY_BYTES } from "../large-batch/large-batch-lane.ts";

type Strategy = Parameters<FastifyInstance["addConstraintStrategy"]>[0];
type RouteHandler = Parameters<ReturnType<Strategy["storage"]>["set"]>[1];

/** One plain JSON call: not batched, not streamed, no form. */
export const SINGLE_CALL = { constraints: { trpcCall: "single" } };

/** One JSON call with a large body, in the form of a batch, as `httpBatchLink` sends it. */
export const LARGE_CALL = { constraints: { trpcCall: "large" } };

function callKind({ url = "", headers }: IncomingMessage): "single" | "large" | undefined {
  if (
    !url.startsWith("/trpc/") ||
    headers["trpc-accept"] !== undefined ||
    headers.accept?.includes("application/jsonl") === true ||
    !isJson(mediaType(headers["content-type"]))
  ) {
    return undefined;
  }
  if (!url.includes("?")) return "single";
  const large = Number(headers["content-length"]) >= LARGE_BODY_BYTES;
  return large && url.endsWith("?batch=1") ? "large" : undefined;
}

/** Routes such requests by a constraint of the router; all others fall through to the stock adapter. */
export const callConstraint: Strategy = {
  name: "trpcCall",
  storage() {
    const handlers = new Map<unknown, RouteHandler>();
    return {
      get: (key) => handlers.get(key) ?? null,
      set: (key, handler) => void handlers.set(key, handler),
    };
  },
  deriveConstraint: callKind,
  validate: () => true,
};
