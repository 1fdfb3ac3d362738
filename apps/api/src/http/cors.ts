import type { FastifyInstance, FastifyReply } from "fastify";

/** What a page of another origin may send besides what every page may. */
const REQUEST_HEADERS = [
  "authorization",
  "content-encoding",
  "content-type",
  "idempotency-key",
  "inference-header-content-length",
  "last-event-id",
  "traceparent",
  "tracestate",
  "trpc-accept",
  "x-api-key",
  "x-request-id",
  "x-request-timeout-ms",
].join(", ");

/** Headers of a response that its script may read. */
const ANSWER_HEADERS = [
  "allow",
  "inference-header-content-length",
  "location",
  "ratelimit",
  "ratelimit-limit",
  "ratelimit-policy",
  "ratelimit-remaining",
  "ratelimit-reset",
  "retry-after",
  "server-timing",
  "traceparent",
  "www-authenticate",
  "x-cache",
  "x-model-used",
  "x-model-version",
  "x-request-id",
].join(", ");

const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "GET, HEAD, POST, DELETE",
  "access-control-allow-headers": REQUEST_HEADERS,
  // Two hours, the longest that browsers keep it.
  "access-control-max-age": "7200",
};

/** Adds `origin` to what caches vary the response by. */
function varyByOrigin(reply: FastifyReply, payload: unknown): void {
  // The headers of a Fetch `Response` win over those of the Fastify reply.
  if (payload instanceof Response) {
    const own = payload.headers.get("vary");
    payload.headers.set("vary", own === null ? "origin" : `${own}, origin`);
    return;
  }
  const own = reply.getHeader("vary");
  reply.header("vary", own === undefined ? "origin" : `${String(own)}, origin`);
}

/** Tells whether pages of an origin are among those that may call; `*` lets in every page. */
export function originRule(origins: readonly string[]): (origin: string) => boolean {
  const allowed = new Set(origins);
  return (origin) => allowed.has("*") || allowed.has(origin);
}

/**
 * Lets pages of the given origins call the API and responds to their preflights before a key is
 * required, which a preflight never has. Without origins it adds nothing to any request.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const every = origins.includes("*");
  const allows = originRule(origins);
  const isAllowed = (origin: string | undefined) => origin !== undefined && allows(origin);
  app.addHook("onSend", (request, reply, payload, done) => {
    const { origin } = request.headers;
    if (!every) varyByOrigin(reply, payload);
    if (isAllowed(origin)) {
      reply.header("access-control-allow-origin", every ? "*" : origin);
      reply.header("access-control-expose-headers", ANSWER_HEADERS);
    }
    done();
  });
  app.addHook("onRequest", (request, reply, done) => {
    const { headers, method } = request;
    const asks = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
    if (!asks || !isAllowed(headers.origin)) return done();
    void reply.code(204).headers(PREFLIGHT_HEADERS).send();
  });
}
