import { misdirected } from "@sepal/schema/allowed-hosts";
import { isForeignPage } from "@sepal/schema/cross-origin";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { overLimit } from "../errors/over-limit.ts";
import type { Admission } from "../auth/admission.ts";
import type { Services } from "../context.ts";
import { inflaterOf, isIdentity } from "./body.ts";
import type { BodyBudget } from "./body-budget.ts";
import { readDeadline } from "./call-context.ts";
import { hostFault, isUncertain, uncertainFraming } from "./framing.ts";
import { mediaType } from "./media-type.ts";
import { refuseLate, refuseOverload } from "./overload.ts";
import { ANY_BODY, SMALL_BODY_BYTES, type RouteRules, type RouteTable } from "./route-rules.ts";

/** What a form may hold besides its file, in bytes. */
const FORM_BYTES = 65_536;

interface GateOptions {
  readonly services: Services;
  readonly routes: RouteTable;
  readonly admission: Admission;
  readonly budget: BodyBudget;
  /** Names that the server answers to; absent, any. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Whether pages of an origin may call. */
  readonly allowsOrigin: (origin: string) => boolean;
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
  // Almost every request names the same host.
  let known = "";
  const hostFaultOf = (host: string) => {
    if (host === known) return undefined;
    const fault = misdirected(host, options.hosts);
    if (fault === undefined) known = host;
    return fault;
  };
  // Node would send `100 Continue` before anything is decided.
  app.server.on("checkContinue", (request, response) =>
    app.server.emit("request", request, response),
  );
  app.addHook("onRequest", (request, reply, done) => {
    let rules: RouteRules;
    let counted: Promise<void> | undefined;
    try {
      checkAddress(request, reply, hostFaultOf, options);
      if (lifecycle.refusing) return refuseLate(request, done);
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

/** Fails where it is not certain where the request ends, for which server it is, or who had a browser send it. */
function checkAddress(
  request: FastifyRequest,
  reply: FastifyReply,
  hostFaultOf: (host: string) => string | undefined,
  { allowsOrigin }: GateOptions,
): void {
  const { raw, headers, method } = request;
  const fault = isUncertain(raw) ? uncertainFraming() : hostFault(raw);
  if (fault !== undefined) {
    reply.header("connection", "close");
    throw fault;
  }
  const { host } = headers;
  const elsewhere = host === undefined ? undefined : hostFaultOf(host);
  if (elsewhere !== undefined) throw new SepalError("misdirected", elsewhere);
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

/** Fails where a route cannot take a body by what the head says of it, and reserves the memory for one that it takes. */
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
  if (encoded && !body.inflates) {
    throw wrongType(`the content type should be ${body.types} without content-encoding`);
  }
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
