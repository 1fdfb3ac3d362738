import { misdirected } from "@sepal/schema/allowed-hosts";
import { isForeignPage } from "@sepal/schema/cross-origin";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import { overLimit } from "../errors/failures.ts";
import type { Admission } from "../auth/access-control.ts";
import type { Services } from "../context.ts";
import { inflaterOf, isIdentity } from "./body.ts";
import type { BodyBudget } from "./body-budget.ts";
import { readDeadline } from "./call-context.ts";
import { isUncertain } from "./connections.ts";
import { mediaType } from "./json.ts";
import { refuseLate, refuseOverload } from "./overload.ts";
import { ANY_BODY, SMALL_BODY_BYTES, type RouteRules, type RouteTable } from "./route-rules.ts";

/** What a form may hold besides its file, in bytes. */
const FORM_BYTES = 65_536;

interface GateOptions {
  readonly services: Services;
  readonly routes: RouteTable;
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

/**
 * Decides on every request by its head alone, before a byte of a body is read: where it ends, its host, the page
 * that sent it, its route, overload, the caller, the quota, the content type and encoding, and the memory for its
 * body. Everything that a client without a credential can cost beyond a parsed head has passed here.
 */
export function openGate(app: FastifyInstance, options: GateOptions): void {
  const { services, admission } = options;
  const { backlog, lifecycle } = services;
  app.decorateRequest("lease", undefined);
  const hostFault = hostCheck(options.hosts);
  // Node would send `100 Continue` before anything is decided.
  app.server.on("checkContinue", (request, response) =>
    app.server.emit("request", request, response),
  );
  app.addHook("onRequest", (request, reply, done) => {
    let rules: RouteRules;
    let counted: Promise<void> | undefined;
    try {
      checkAddress(request, reply, hostFault, options);
      if (lifecycle.refusing) return refuseLate(request, done);
      if (request.rules === undefined) {
        const location = options.routes.withoutSlash(request);
        if (location !== undefined) {
          void reply.code(308).header("location", location).send();
          return;
        }
      }
      rules = rulesOf(request, options.routes);
      if (rules.sheds && backlog?.full === true) {
        return refuseOverload(backlog, lifecycle, request, reply, done);
      }
      const timeout = request.headers["x-request-timeout-ms"];
      if (timeout !== undefined) {
        request.call.deadline = readDeadline(timeout, request.call.arrived);
      }
      counted = admission.admit(request, reply, rules);
      if (counted === undefined) enter(request, reply, rules, options.budget);
    } catch (error) {
      return done(toError(error));
    }
    if (counted === undefined) return done();
    void settle(counted, () => enter(request, reply, rules, options.budget), done);
  });
}

/** Lets the body come. */
function enter(
  request: FastifyRequest,
  reply: FastifyReply,
  rules: RouteRules,
  budget: BodyBudget,
): void {
  checkBody(request, reply, rules, budget);
  if (request.headers.expect !== undefined) reply.raw.writeContinue();
}

/** Goes on where the caller or its quota had to be waited for. */
async function settle(
  counted: Promise<void>,
  enter: () => void,
  done: (error?: Error) => void,
): Promise<void> {
  let failure: Error | undefined;
  try {
    await counted;
    enter();
  } catch (error) {
    failure = toError(error);
  }
  done(failure);
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error("rejected", { cause: error });
}

/** Fails where the end of the request, its host, or the page that had a browser send it is not certain or not allowed. */
function checkAddress(
  request: FastifyRequest,
  reply: FastifyReply,
  hostFault: ReturnType<typeof hostCheck>,
  { allowsOrigin }: GateOptions,
): void {
  const { raw, headers, method } = request;
  const fault = isUncertain(raw)
    ? new SepalError("malformed_request", "chunks need HTTP/1.1")
    : hostFault(raw);
  if (fault !== undefined) {
    if (fault.code === "malformed_request") reply.header("connection", "close");
    throw fault;
  }
  const { origin, "sec-fetch-site": site, "content-type": contentType } = headers;
  if (origin === undefined && site === undefined) return;
  const fetchSite = typeof site === "string" ? site : undefined;
  const page = { method, host: request.host, contentType, origin, fetchSite };
  if (!isForeignPage(page, allowsOrigin)) return;
  const message = `pages of ${origin ?? "another site"} may not call: name their origin in CORS_ORIGINS`;
  throw new SepalError("forbidden", message);
}

/** The rules of the request's route; fails with `not_found` or `method_not_allowed` where it has none. */
function rulesOf(request: FastifyRequest, routes: RouteTable): RouteRules {
  const { rules } = request;
  if (rules === undefined) throw routes.unrouted(request);
  const fault = rules.fault?.(request);
  if (fault !== undefined) throw fault;
  return rules;
}

/** Fails where a route cannot take a body by its head, and reserves the memory for one that it takes. */
function checkBody(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, maxBytes }: RouteRules,
  budget: BodyBudget,
): void {
  const { headers, method } = request;
  if (method === "GET" || method === "HEAD") return;
  const { "content-type": contentType, "content-length": declared } = headers;
  const length = declared === undefined ? 0 : Number(declared);
  const chunked = headers["transfer-encoding"] !== undefined;
  const type = mediaType(contentType);
  if ((contentType !== undefined || chunked || length > 0) && !body.takes(type)) {
    throw wrongType(`the content type should be ${body.types}`);
  }
  // Fastify rejects types that are not valid, which such a route takes.
  if (body === ANY_BODY) headers["content-type"] = "application/octet-stream";
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
  request.lease = budget.lease(reply);
  const full = request.lease.raise(length);
  if (full !== undefined) throw full;
}

function wrongType(message: string, headers: Record<string, string> = {}): SepalError {
  return new SepalError("unsupported_media_type", message, { headers });
}
