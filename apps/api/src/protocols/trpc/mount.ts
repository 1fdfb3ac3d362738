import { SepalError } from "@sepal/schema/sepal-error";
import type { AnyTRPCRouter, TRPCError } from "@trpc/server";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { methodNotAllowed } from "../../http/route-rules.ts";
import type { BatchWorkers } from "../../batch-workers/batch-workers.ts";
import { JsonAdapter, proceduresOf, readCalls, type FoundProcedure } from "./json-adapter.ts";
import { readLargeBody } from "./large-bodies.ts";

/** The methods that tRPC's own adapter decides on by itself. */
const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

/** Headers of the first failure that brings any, such as `retry-after`. */
function headersOf(errors: readonly TRPCError[]): Record<string, string> {
  const causes = errors.map(({ cause }) => (cause instanceof SepalError ? cause.headers : {}));
  return { ...causes.find((headers) => Object.keys(headers).length > 0) };
}

/** The procedures that a request names, which the router has decoded once. */
function pathOf({ params, routeOptions }: FastifyRequest): string {
  const { path } = Object(params);
  return typeof path === "string" ? path : (routeOptions.url ?? "").slice("/trpc/".length);
}

/** Which methods a call of a procedure takes; of several procedures it depends. */
function methodsOf(procedure: FoundProcedure | undefined): readonly string[] {
  if (procedure === undefined) return ["GET", "POST"];
  return procedure.type === "mutation" ? ["POST"] : ["GET"];
}

/** Makes up for what the adapter's response lacks: `allow` of a 405, and the type of a failed request's JSON, which Fetch calls a text. */
function completeResponse({ headers, status }: Response, methods: readonly string[]): void {
  if (status === 405 && !headers.has("allow")) headers.set("allow", methods.join(", "));
  if (headers.get("content-type")?.startsWith("text/plain") === true) {
    headers.set("content-type", "application/json");
  }
}

interface MountOptions {
  readonly workers: BatchWorkers | undefined;
  /** Most calls in one request. */
  readonly maxCalls: number;
}

/**
 * Serves the router under `/trpc`, behind the gate of the HTTP host: calls that give JSON by the JSON adapter, streams
 * and subscriptions by tRPC's own.
 */
export function mountTrpc(
  app: FastifyInstance,
  router: AnyTRPCRouter,
  { workers, maxCalls }: MountOptions,
): void {
  const procedures = proceduresOf(router);
  const adapter = new JsonAdapter({ procedures, workers, maxCalls });
  const stream = async (request: FastifyRequest, reply: FastifyReply, path: string) => {
    const { body } = request;
    if (Buffer.isBuffer(body)) {
      // Every JSON type is one to the gate; tRPC's adapter knows this one.
      request.headers["content-type"] = "application/json";
      request.body = await readLargeBody(request, workers, body);
    }
    // A hook of the route would run for every call; the adapter hands its response to this method alone.
    const send = reply.send.bind(reply);
    reply.send = (payload) => {
      if (payload instanceof Response) completeResponse(payload, methodsOf(procedures.get(path)));
      return send(payload);
    };
    await fastifyRequestHandler<AnyTRPCRouter, FastifyRequest, FastifyReply>({
      router,
      req: request,
      res: reply,
      // It decodes once more.
      path: encodeURIComponent(path),
      createContext: ({ req }) => req.call,
      responseMeta: ({ errors }) => ({ headers: headersOf(errors) }),
      onError({ error, req }) {
        if (error.code === "INTERNAL_SERVER_ERROR") {
          const cause = error.cause ?? error;
          req.failure = cause instanceof SepalError ? (cause.cause ?? cause) : cause;
        }
      },
    });
    return reply;
  };
  const handler = (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | string> => {
    const { body, method, url } = request;
    if (method === "POST" && (!Buffer.isBuffer(body) || body.length === 0)) {
      throw new SepalError("malformed_body", "the body is empty");
    }
    const path = pathOf(request);
    const calls = readCalls(path, url);
    if (adapter.takes(request, calls)) return adapter.respond(request, reply, calls);
    if (calls.names.length > maxCalls) {
      const message = `a stream may have at most ${maxCalls} calls (MAX_CALLS), not ${calls.names.length}`;
      throw new SepalError("malformed_request", message);
    }
    return stream(request, reply, path);
  };
  const names = (request: FastifyRequest) => pathOf(request).split(",");
  const rules = {
    methods: ["GET", "POST"],
    fault: (request: FastifyRequest) =>
      METHODS.has(request.method)
        ? undefined
        : methodNotAllowed(methodsOf(procedures.get(pathOf(request)))),
  };
  const route = {
    method: app.supportedMethods,
    handler,
  };
  app.route({
    ...route,
    url: "/trpc/:path",
    config: {
      ...rules,
      maxBytes: Infinity,
      // Of the same call twice no client has need, and each costs what a request costs.
      access: (request) => {
        const called = names(request);
        const open = called.every((name) => procedures.get(name)?.meta.open === true);
        return open && new Set(called).size === called.length ? "open" : "known";
      },
      cost: (request) => names(request).length,
    },
  });
  // Those that compute on the main thread have limits, and a label of the metrics, of their own.
  for (const name of procedures.keys()) {
    const [procedure] = name.split(".").slice(-1);
    if (procedure !== "predict" && procedure !== "predictBatch") continue;
    const maxBytes = procedure === "predict" ? {} : { maxBytes: Infinity };
    app.route({
      ...route,
      url: `/trpc/${name}`,
      handler: adapter.mutationHandler(name, handler),
      config: { ...rules, ...maxBytes, sheds: true },
    });
  }
}
