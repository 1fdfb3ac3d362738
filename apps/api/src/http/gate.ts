import { misdirected } from "@sepal/schema/allowed-hosts";
import { isForeignPage } from "@sepal/schema/cross-origin";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import { finished } from "node:stream/promises";
import type { IncomingMessage } from "node:http";
import { overLimit } from "../errors/failures.ts";
import type { Admission } from "../auth/access-control.ts";
import type { Services } from "../context.ts";
import { inflaterOf, isIdentity } from "./body.ts";
import type { BodyBudget } from "./body-budget.ts";
import { isUncertain, type Exchange } from "./exchange.ts";
import { mediaType } from "./json.ts";
import { SMALL_BODY_BYTES, type RouteRules } from "./route-table.ts";

/** What a form may hold besides its file, in bytes. */
const FORM_BYTES = 65_536;

interface GateOptions {
  readonly services: Services;
  readonly admission: Admission;
  readonly budget: BodyBudget;
  /** Host names of the server; absent, any. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Whether pages of an origin may call. */
  readonly allowsOrigin: (origin: string) => boolean;
}

/** A host with or without port (RFC 3986, 3.2.2 and 3.2.3); never empty, as that of an http URI (RFC 9110, 4.2.1). */
const HOST =
  /^(?:(?:[\w\-.~!$&'()*+,;=]|%[\da-f]{2})+|\[(?:[\da-f:.]+|v[\da-f]+\.[\w\-.~!$&'()*+,;=:]+)\])(?::\d{0,5})?$/i;

function isTwice(rawHeaders: readonly string[]): boolean {
  let seen = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length !== 4 || name.toLowerCase() !== "host") continue;
    if (seen) return true;
    seen = true;
  }
  return false;
}

/**
 * Makes the check of a request's `Host` (RFC 9112, 3.2), which a proxy in front could read as another host than this
 * server does: `malformed_request` where it is absent, doubled or no host, `misdirected` where it is not one of `hosts`.
 */
function hostCheck(hosts: ReadonlySet<string> | undefined) {
  // Almost every request names the same host.
  let known = "";
  return ({ headers, httpVersionMinor, rawHeaders }: IncomingMessage): SepalError | undefined => {
    const { host } = headers;
    if (host === undefined) {
      if (httpVersionMinor === 0) return undefined;
      return new SepalError("malformed_request", "HTTP/1.1 needs a Host header");
    }
    // Of two, `headers` has the first alone.
    if (isTwice(rawHeaders)) {
      return new SepalError("malformed_request", "there should be one Host header");
    }
    if (host === known) return undefined;
    if (!HOST.test(host)) return new SepalError("malformed_request", "the Host header is invalid");
    const elsewhere = misdirected(host, hosts);
    if (elsewhere !== undefined) return new SepalError("misdirected", elsewhere);
    known = host;
    return undefined;
  };
}

/** The instant `x-request-timeout-ms` stands for, on the clock of `performance.now()`. */
function readDeadline(header: string | string[], arrived: number): number {
  const milliseconds = Number(header);
  if (typeof header !== "string" || !/^\d{1,9}$/.test(header)) {
    const message = "x-request-timeout-ms should be a whole number of milliseconds";
    throw new SepalError("malformed_request", message);
  }
  return arrived + milliseconds;
}

/** Rejects a request that came during the shutdown once its body is off the wire: a response before that would be lost in a reset. */
async function refuseLate(raw: IncomingMessage): Promise<void> {
  raw.resume();
  await finished(raw, { writable: false }).catch(() => undefined);
  throw unavailable("the server is shutting down");
}

/**
 * Decides on every request by its head alone, before a byte of a body is read: where it ends, its host, the page
 * that sent it, its route, overload, the caller, the quota, the content type and encoding, and the memory for its
 * body. Everything that a client without a credential can cost beyond a parsed head has passed here.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #hostFault: ReturnType<typeof hostCheck>;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#hostFault = hostCheck(options.hosts);
  }

  /** Lets a request in, at once where nothing has to be waited for; fails with what it is rejected with. */
  admit(exchange: Exchange): Promise<void> | undefined {
    const { admission, services } = this.#options;
    const { backlog, lifecycle } = services;
    this.#checkAddress(exchange);
    if (lifecycle.refusing) return refuseLate(exchange.raw);
    const { route, call, params } = exchange;
    if (route.fault !== undefined) throw route.fault(params);
    const { rules } = route;
    if (rules.sheds && backlog?.full === true) throw backlog.refuse();
    const timeout = exchange.headers["x-request-timeout-ms"];
    if (timeout !== undefined) call.deadline = readDeadline(timeout, call.arrived);
    const access = typeof rules.access === "function" ? rules.access(exchange) : rules.access;
    const counted = admission.admit(exchange, access, rules.cost(exchange));
    if (counted !== undefined) return counted.then(() => this.#letBodyCome(exchange, rules));
    this.#letBodyCome(exchange, rules);
    return undefined;
  }

  #letBodyCome(exchange: Exchange, rules: RouteRules): void {
    this.#checkBody(exchange, rules);
    if (exchange.headers.expect !== undefined) exchange.response.writeContinue();
  }

  /** Fails where the end of the request, its host, or the page that had a browser send it is not certain or not allowed. */
  #checkAddress(exchange: Exchange): void {
    const { raw, headers, method } = exchange;
    const fault = isUncertain(raw)
      ? new SepalError("malformed_request", "chunks need HTTP/1.1")
      : this.#hostFault(raw);
    if (fault !== undefined) {
      if (fault.code === "malformed_request") exchange.header("connection", "close");
      throw fault;
    }
    const { origin, "sec-fetch-site": site, "content-type": contentType } = headers;
    if (origin === undefined && site === undefined) return;
    const fetchSite = typeof site === "string" ? site : undefined;
    const page = { method, host: exchange.host, contentType, origin, fetchSite };
    if (!isForeignPage(page, this.#options.allowsOrigin)) return;
    const message = `pages of ${origin ?? "another site"} may not call: name their origin in CORS_ORIGINS`;
    throw new SepalError("forbidden", message);
  }

  /** Fails where a route cannot take a body by its head, and reserves the memory for one that it takes. */
  #checkBody(exchange: Exchange, { body, maxBytes }: RouteRules): void {
    const { headers, method } = exchange;
    if (method === "GET" || method === "HEAD") return;
    const { "content-type": contentType, "content-length": declared } = headers;
    const length = declared === undefined ? 0 : Number(declared);
    const chunked = headers["transfer-encoding"] !== undefined;
    const type = mediaType(contentType);
    if ((contentType !== undefined || chunked || length > 0) && !body.takes(type)) {
      throw wrongType(`the content type should be ${body.types}`);
    }
    const { "content-encoding": encoding } = headers;
    const encoded = encoding !== undefined && !isIdentity(encoding);
    if (encoded && inflaterOf(encoding) === undefined) {
      throw wrongType("the content encoding should be gzip or deflate", {
        "accept-encoding": "gzip, deflate",
      });
    }
    const form = type === "multipart/form-data" ? FORM_BYTES : 0;
    if (length > maxBytes + form) throw overLimit(body.kind, maxBytes);
    if (body.kind === "file" || (!chunked && !encoded && length <= SMALL_BODY_BYTES)) return;
    exchange.lease = this.#options.budget.lease(exchange.response);
    const full = exchange.lease.raise(length);
    if (full !== undefined) throw full;
  }
}

function wrongType(message: string, headers: Record<string, string> = {}): SepalError {
  return new SepalError("unsupported_media_type", message, { headers });
}
