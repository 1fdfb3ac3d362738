import { SepalError } from "@sepal/schema/sepal-error";
import type { TRPCError } from "@trpc/server";
import { fastifyRequestHandler } from "@trpc/server/adapters/fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { methodNotAllowed } from "../http/route-rules.ts";
import type { LargeBatchLane } from "../large-batch/large-batch-lane.ts";
import { readLargeBody } from "./large-bodies.ts";
import type { AppRouter } from "./router.ts";

/** Most calls in one HTTP request. */
const MAX_BATCH_SIZE = 100;

/** The methods that tRPC's own adapter decides on by itself. */
const METHODS = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

interface TrpcRoute {
  Params: { path: string };
}

/** Headers of the first failure that brings any, such as `retry-after`. */
function headersOf(errors: readonly TRPCError[]): Record<string, string> {
  const causes = errors.map(({ cause }) => (cause instanceof SepalError ? cause.headers : {}));
  return { ...causes.find((headers) => Object.keys(headers).length > 0) };
}

function pathOf({ params }: FastifyRequest): string {
  return String(Object(params).path);
}

/** The procedures that a request calls: its path, which the router has decoded once, names them. */
function procedureNames(request: FastifyRequest): string[] {
  return pathOf(request).split(",");
}

/** Names of the procedures that need no key, such as `health`, by what each says of itself. */
function openProcedures({ _def }: AppRouter): ReadonlySet<string> {
  const open = new Set<string>();
  // At run time the names of nested procedures are joined by dots.
  for (const [name, procedure] of Object.entries(_def.procedures)) {
    const meta: object = ("_def" in procedure && procedure._def.meta) || {};
    if ("open" in meta && meta.open === true) open.add(name);
  }
  return open;
}

/** Which methods a call of a procedure takes; of several procedures it depends. */
function methodsOfCall(router: AppRouter, path: string): readonly string[] {
  const { procedures } = router._def;
  const procedure: unknown = Object.hasOwn(procedures, path) && Reflect.get(procedures, path);
  if (typeof procedure !== "function" || !("_def" in procedure)) return ["GET", "POST"];
  return Object(procedure._def).type === "mutation" ? ["POST"] : ["GET"];
}

/** Makes up for what the adapter's response lacks: `allow` of a 405, and the type of a failed request's JSON, which Fetch calls a text. */
function completeResponse(response: Response, router: AppRouter, path: string): void {
  const { headers, status } = response;
  if (status === 405 && !headers.has("allow")) {
    headers.set("allow", methodsOfCall(router, path).join(", "));
  }
  if (headers.get("content-type")?.startsWith("text/plain") === true) {
    headers.set("content-type", "application/json");
  }
}

/** Serves the router under `/trpc` with tRPC's own adapter, behind the gate of the HTTP host. */
export function mountTrpc(
  app: FastifyInstance,
  router: AppRouter,
  lane: LargeBatchLane | undefined,
): void {
  const open = openProcedures(router);
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request);
    if (request.method === "POST") {
      const { body } = request;
      if (!Buffer.isBuffer(body) || body.length === 0) {
        throw new SepalError("malformed_body", "the body is empty");
      }
      // Every JSON type is one to the gate; the adapter knows this one.
      request.headers["content-type"] = "application/json";
      request.body =
        lane === undefined ? body.toString() : await readLargeBody(request, lane, body);
    }
    await fastifyRequestHandler<AppRouter, FastifyRequest, FastifyReply>({
      router,
      req: request,
      res: reply,
      // The adapter decodes once more.
      path: encodeURIComponent(path),
      maxBatchSize: MAX_BATCH_SIZE,
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
  app.route<TrpcRoute>({
    method: app.supportedMethods,
    url: "/trpc/:path",
    config: {
      maxBytes: Infinity,
      methods: ["GET", "POST"],
      // Of the same call twice no client has need, and each costs what a request costs.
      access(request) {
        const names = procedureNames(request);
        const distinct = new Set(names).size === names.length;
        return distinct && names.every((name) => open.has(name)) ? "open" : "known";
      },
      cost: (request) => procedureNames(request).length,
      fault: (request) =>
        METHODS.has(request.method)
          ? undefined
          : methodNotAllowed(methodsOfCall(router, pathOf(request))),
    },
    onSend(request, _reply, payload, done) {
      if (payload instanceof Response) completeResponse(payload, router, pathOf(request));
      done();
    },
    handler,
  });
}
