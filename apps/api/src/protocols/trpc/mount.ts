import { SepalError } from "@sepal/schema/sepal-error";
import type { AnyTRPCRouter, TRPCError } from "@trpc/server";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BatchWorkers } from "../../batch-workers/batch-workers.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { BytesHandler, RouteEntry } from "../../http/route-table.ts";
import {
  JsonAdapter,
  pathOf,
  proceduresOf,
  readCalls,
  type FoundProcedure,
} from "./json-adapter.ts";
import { readLargeBody } from "./large-bodies.ts";

/** Methods that tRPC's own adapter decides on by itself. */
const FURTHER_METHODS = ["HEAD", "OPTIONS"];

/** Headers of the first failure that brings any, such as `retry-after`. */
function headersOf(errors: readonly TRPCError[]): Record<string, string> {
  const causes = errors.map(({ cause }) => (cause instanceof SepalError ? cause.headers : {}));
  return { ...causes.find((headers) => Object.keys(headers).length > 0) };
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

function checkBody({ method, body }: Exchange): void {
  if (method !== "POST" || (body !== undefined && body.length > 0)) return;
  throw new SepalError("malformed_body", "the body is empty");
}

interface TrpcOptions {
  readonly workers: BatchWorkers | undefined;
  /** Most calls in one request. */
  readonly maxCalls: number;
}

/** The handler of streams and subscriptions: tRPC's own adapter. */
function streamHandler(
  router: AnyTRPCRouter,
  procedures: ReadonlyMap<string, FoundProcedure>,
  { workers, maxCalls }: TrpcOptions,
): BytesHandler {
  return async (request, reply) => {
    const { exchange, body } = request;
    const { names } = readCalls(exchange);
    if (names.length > maxCalls) {
      const message = `a stream may have at most ${maxCalls} calls (MAX_CALLS), not ${names.length}`;
      throw new SepalError("malformed_request", message);
    }
    const path = pathOf(exchange);
    if (Buffer.isBuffer(body)) {
      // Every JSON type is one to the gate; tRPC's adapter knows this one.
      request.headers["content-type"] = "application/json";
      request.body = await readLargeBody(exchange, workers, body);
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
      createContext: () => exchange.call,
      responseMeta: ({ errors }) => ({ headers: headersOf(errors) }),
      onError({ error }) {
        if (error.code === "INTERNAL_SERVER_ERROR") {
          const cause = error.cause ?? error;
          exchange.failure = cause instanceof SepalError ? (cause.cause ?? cause) : cause;
        }
      },
    });
    return reply;
  };
}

/**
 * The routes of a router under `/trpc`: calls that give JSON go to the JSON adapter, streams and subscriptions to tRPC's
 * own.
 */
export function* trpcRoutes(router: AnyTRPCRouter, options: TrpcOptions): Generator<RouteEntry> {
  const procedures = proceduresOf(router);
  const adapter = new JsonAdapter({ procedures, ...options });
  const namesOf = (exchange: Exchange) => pathOf(exchange).split(",");
  const route = {
    methods: ["GET", "POST"],
    furtherMethods: FURTHER_METHODS,
    check: checkBody,
    takes: (exchange: Exchange) => adapter.takes(exchange),
    handler: streamHandler(router, procedures, options),
  };
  yield {
    ...route,
    url: "/trpc/:path",
    respond: (exchange) => adapter.respond(exchange),
    allow: ({ path = "" }) => methodsOf(procedures.get(path)),
    rules: {
      format: "trpc",
      maxBytes: Infinity,
      // Of the same call twice no client has need, and each costs what a request costs.
      access: (exchange) => {
        const names = namesOf(exchange);
        const open = names.every((name) => procedures.get(name)?.meta.rules?.access === "open");
        return open && new Set(names).size === names.length ? "open" : "known";
      },
      cost: (exchange) => namesOf(exchange).length,
    },
  };
  // Those that compute on the main thread have limits, and a label of the metrics, of their own.
  for (const [name, procedure] of procedures) {
    const { rules } = procedure.meta;
    if (rules?.sheds !== true) continue;
    yield {
      ...route,
      url: `/trpc/${name}`,
      respond: adapter.mutationHandler(name),
      allow: () => methodsOf(procedure),
      rules: { ...rules, format: "trpc" },
    };
  }
}
