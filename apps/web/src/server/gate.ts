import type {
  IncomingMessage,
  OutgoingHttpHeader,
  OutgoingHttpHeaders,
  ServerResponse,
} from "node:http";
import { misdirected } from "@sepal/schema/allowed-hosts";
import { isForeignPage } from "@sepal/schema/cross-origin";
import { isPathPrefix, withoutPrefix } from "@sepal/schema/path-prefix";
import { PATH_PREFIX } from "../lib/path-prefix.ts";
import { failureBody, type OwnFailure } from "./failure-body.ts";
import type { TrustsPeer } from "../trusted-proxies.ts";
import { TextResponse } from "./text-response.ts";

/** Headers of every response whose route has not set them. */
const DEFAULTS = new Map([
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=()"],
  ["referrer-policy", "same-origin"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
]);

const CLOSED_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Scripts of the build: a worker has the policy of its file, and loads the file's parts and calls the API. */
const BUILD_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * A response that has the security headers whatever Next.js does: they are set as the head is written, because Next.js
 * drops a header of a route that is set before, such as the API's policy for its documentation.
 */
export class SecureResponse extends TextResponse {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    for (const [name, value] of DEFAULTS) {
      if (!this.hasHeader(name)) this.setHeader(name, value);
    }
    if (!this.hasHeader("content-security-policy")) {
      const isBuild = this.req.url?.startsWith(`${PATH_PREFIX}/_next/`) === true;
      this.setHeader("content-security-policy", isBuild ? BUILD_POLICY : CLOSED_POLICY);
    }
    // Else it is fetched again at each step of a slider, which rewrites the address.
    if (status === 200 && /\/icon\.svg(?:\?|$)/.test(this.req.url ?? "")) {
      this.setHeader("cache-control", "public, max-age=86400");
    }
    if (typeof reason === "string") return super.writeHead(status, reason, headers);
    return super.writeHead(status, reason ?? headers);
  }
}

type Hosts = ReadonlySet<string> | undefined;

interface GateOptions {
  /** Names that the playground is reached by; `undefined` for any. */
  readonly hosts: Hosts;
  readonly trustsPeer: TrustsPeer;
  /** Path below which a proxy serves the playground, unless a trusted one names another. */
  readonly prefix: string;
}

/** Why a request is rejected by its head; `undefined` where it is not. */
export function rejection({ method = "", headers }: IncomingMessage, hosts: Hosts) {
  const { host = "", origin, "content-type": contentType, "sec-fetch-site": site } = headers;
  const elsewhere = misdirected(host, hosts);
  if (elsewhere !== undefined) {
    return { status: 421, detail: elsewhere, trpc: ["BAD_REQUEST", -32_600] } satisfies OwnFailure;
  }
  const fetchSite = typeof site === "string" ? site : undefined;
  if (!isForeignPage({ method, host, contentType, origin, fetchSite })) return undefined;
  const detail = `pages of ${origin ?? "another site"} may not call the playground: call the API, with their origin in its CORS_ORIGINS`;
  return { status: 403, detail, trpc: ["FORBIDDEN", -32_003] } satisfies OwnFailure;
}

/** Responds without reading the body, and closes the connection that may still carry it. */
function reject(request: IncomingMessage, response: ServerResponse, failure: OwnFailure): void {
  response.writeHead(failure.status, {
    "cache-control": "no-store",
    connection: "close",
    "content-type": "application/json; charset=utf-8",
  });
  response.end(JSON.stringify(failureBody(request.url ?? "", failure)));
}

/** The `X-Forwarded-For` to send on: the connection's peer, after the clients that a trusted peer names. */
function setForwardedFor({ headers, socket }: IncomingMessage, trustsPeer: TrustsPeer): void {
  const { remoteAddress: peer = "" } = socket;
  const clients = trustsPeer(peer) ? headers["x-forwarded-for"] : undefined;
  headers["x-forwarded-for"] = clients === undefined ? peer : `${String(clients)}, ${peer}`;
}

/** The path below which the client reaches the playground; empty for none. */
function prefixOf({ headers, socket }: IncomingMessage, options: GateOptions): string {
  const forwarded = headers["x-forwarded-prefix"];
  const isNamed = typeof forwarded === "string" && isPathPrefix(forwarded);
  return isNamed && options.trustsPeer(socket.remoteAddress ?? "") ? forwarded : options.prefix;
}

/** Lets Next.js see only the requests that a client of the playground may send, with the address they came from. */
export function gate(
  options: GateOptions,
  handle: (request: IncomingMessage, response: SecureResponse) => void,
): (request: IncomingMessage, response: SecureResponse) => void {
  const { hosts, trustsPeer } = options;
  return (request, response) => {
    const prefix = prefixOf(request, options);
    const url = withoutPrefix(request.url ?? "/", prefix);
    request.url = url;
    const failure = rejection(request, hosts);
    if (failure !== undefined) return reject(request, response, failure);
    setForwardedFor(request, trustsPeer);
    request.headers["x-forwarded-prefix"] = prefix;
    response.prefix = prefix;
    // The build has its own prefix in the place of every other.
    request.url = PATH_PREFIX + url;
    handle(request, response);
  };
}
