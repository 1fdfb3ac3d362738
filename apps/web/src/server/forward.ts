import { webSettings } from "../settings.ts";
import { failureBody, type OwnFailure } from "./failure-body.ts";

/** Request headers that mean something to the API. */
const REQUEST_HEADERS = [
  "accept",
  "authorization",
  "content-encoding",
  "content-length",
  "content-type",
  "idempotency-key",
  "last-event-id",
  "traceparent",
  "tracestate",
  "trpc-accept",
  "x-api-key",
  // Set by the gate from the connection.
  "x-forwarded-for",
  "x-request-id",
  "x-request-timeout-ms",
];

/** Response headers that mean something to the browser. */
const RESPONSE_HEADERS = [
  "allow",
  "content-disposition",
  "content-security-policy",
  "content-type",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "location",
  "permissions-policy",
  "ratelimit",
  "ratelimit-limit",
  "ratelimit-policy",
  "ratelimit-remaining",
  "ratelimit-reset",
  "referrer-policy",
  "retry-after",
  "server-timing",
  "traceparent",
  "vary",
  "www-authenticate",
  "x-frame-options",
  "x-request-id",
];

/** The API cannot be reached. */
const UNREACHABLE: OwnFailure = {
  status: 502,
  detail: "the inference server is not responding",
  trpc: ["BAD_GATEWAY", -32_603],
};

function pick(from: Headers, names: readonly string[]): Headers {
  const picked = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) picked.set(name, value);
  }
  return picked;
}

/**
 * Forwards a request to the API and streams both bodies; `path` is the API's path
 * with its query and starts with a slash.
 */
export async function forward(request: Request, path: string): Promise<Response> {
  const headers = pick(request.headers, REQUEST_HEADERS);
  // Where clients reach the API by way of the playground; the gate has set the playground's own.
  headers.set("x-forwarded-prefix", `${request.headers.get("x-forwarded-prefix") ?? ""}/api`);
  // The response body stays as it is encoded.
  headers.set("accept-encoding", "identity");
  const init: RequestInit & { duplex: "half" } = {
    method: request.method,
    headers,
    body: request.body,
    duplex: "half",
    redirect: "manual",
    cache: "no-store",
    signal: request.signal,
  };
  try {
    // Joined as text: a path that starts with two slashes must not become a host.
    const response = await fetch(`${webSettings().API_URL}${path}`, init);
    const responseHeaders = pick(response.headers, RESPONSE_HEADERS);
    // `no-transform` keeps Next from gzipping, and so from buffering, a stream of events.
    responseHeaders.set("cache-control", "no-store, no-transform");
    return new Response(response.body, { status: response.status, headers: responseHeaders });
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    if (!(error instanceof TypeError)) throw error;
    const headers = { "x-sepal-upstream": "unreachable" };
    return Response.json(failureBody(path, UNREACHABLE), { status: UNREACHABLE.status, headers });
  }
}
