import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { misdirected } from "@sepal/schema/allowed-hosts";
import { isForeignPage } from "@sepal/schema/cross-origin";
import { failureBody, type OwnFailure } from "./failure-body.ts";
import type { TrustsPeer } from "../trusted-proxies.ts";

type Hosts = ReadonlySet<string> | undefined;

interface GateOptions {
  /** Names that the playground is reached by; `undefined` for any. */
  readonly hosts: Hosts;
  readonly trustsPeer: TrustsPeer;
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

/** Lets Next.js see only the requests that a client of the playground may send, with the address they came from. */
export function gate({ hosts, trustsPeer }: GateOptions, handle: RequestListener): RequestListener {
  return (request, response) => {
    const failure = rejection(request, hosts);
    if (failure !== undefined) return reject(request, response, failure);
    setForwardedFor(request, trustsPeer);
    handle(request, response);
  };
}
