import type { Exchange, ResponseHead } from "./exchange.ts";

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
const RESPONSE_HEADERS = [
  "allow",
  "etag",
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

/** Adds `origin` to what caches vary a response by. */
function varyByOrigin(head: ResponseHead): void {
  const own = head.getHeader("vary");
  head.header("vary", [own ?? [], "origin"].flat().join(", "));
}

/** Whether an origin may call; `*` allows every origin. */
export function originRule(origins: readonly string[]): (origin: string) => boolean {
  const allowed = new Set(origins);
  return (origin) => allowed.has("*") || allowed.has(origin);
}

/**
 * Lets pages of the given origins call the API and responds to their preflights before a key is
 * required, which a preflight never has.
 */
export class CrossOrigin {
  readonly #every: boolean;
  readonly #allows: (origin: string) => boolean;

  constructor(origins: readonly string[]) {
    this.#every = origins.includes("*");
    this.#allows = originRule(origins);
  }

  /** Sends the response to a preflight of a page that may call; whether the request was one. */
  respond(exchange: Exchange): boolean {
    const { headers, method } = exchange;
    const asks = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
    if (!asks || headers.origin === undefined || !this.#allows(headers.origin)) return false;
    exchange.code(204).setHeaders(PREFLIGHT_HEADERS);
    return true;
  }

  /** Adds to the head of a response what the page's browser has to know. */
  complete({ headers: { origin } }: Exchange, head: ResponseHead): void {
    if (!this.#every) varyByOrigin(head);
    if (origin === undefined || !this.#allows(origin)) return;
    head.header("access-control-allow-origin", this.#every ? "*" : origin);
    head.header("access-control-expose-headers", RESPONSE_HEADERS);
  }
}
