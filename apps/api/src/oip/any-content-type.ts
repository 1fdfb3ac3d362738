import type { FastifyRequest } from "fastify";

/** Route option: lets the body through as bytes, for the protocol's clients send any content type, or none. */
export const ANY_CONTENT_TYPE = {
  onRequest(request: FastifyRequest, _reply: unknown, done: () => void): void {
    request.raw.headers["content-type"] = "application/json";
    done();
  },
};
