import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { JsonHandler } from "./route-table.ts";

/** Whether an `if-none-match` header names a tag, so that its client has the content already (RFC 9110, 13.1.2). */
export function hasEntityTag(header: string | undefined, tag: string): boolean {
  const tags = header?.split(",").map((each) => each.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(tag) || tags.includes("*");
}

/** The entity tag of a content: of its SHA-256. */
function tagOf(content: string): string {
  return `"${createHash("sha256").update(content).digest("base64url").slice(0, 27)}"`;
}

/** Sends a document with its entity tag, or 304 where the client has it already. */
export function sendDocument(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  content: string,
): FastifyReply {
  const tag = tagOf(content);
  reply.headers({ etag: tag, "cache-control": "no-cache" });
  return hasEntityTag(headers["if-none-match"], tag) ? reply.code(304).send() : reply.send(content);
}

/** Gives a JSON response its entity tag, and responds with 304 where the client has it already. */
export function withEntityTag(handler: JsonHandler): JsonHandler {
  return async (exchange) => {
    const content = await handler(exchange);
    if (typeof content !== "string") return content;
    const tag = tagOf(content);
    exchange.setHeaders({ etag: tag, "cache-control": "no-cache" });
    if (!hasEntityTag(exchange.headers["if-none-match"], tag)) return content;
    exchange.code(304);
    return "";
  };
}
