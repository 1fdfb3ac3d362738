import type { FastifyReply } from "fastify";

/** Sends JSON whose content type is exactly `application/json`: as bytes, because Fastify adds a charset to text. */
export function sendOip(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(JSON.stringify(value)));
}
