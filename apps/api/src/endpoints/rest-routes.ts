import type { FastifyInstance, FastifyRequest } from "fastify";
import type * as z from "zod";
import { asJson, readJson } from "../http/json.ts";
import { OPEN, type RestHandler } from "../http/route-rules.ts";
import { parseInput, parseQuery } from "../operations/operation.ts";
import { endpointsOf, type Endpoint, type Endpoints, type JsonEndpoint } from "./endpoint.ts";

/** Input from the body. */
function bodyInput(request: FastifyRequest, schema: z.ZodType): unknown {
  return parseInput(schema, readJson(request));
}

/** Input from the path, as it stands there: the operation knows what does not exist. */
function pathInput({ params }: FastifyRequest): unknown {
  return params;
}

/** Input from the query. */
export function queryInput({ query }: FastifyRequest, schema: z.ZodType): unknown {
  return parseQuery(schema, query);
}

/** The handler of a `json` endpoint; made once. */
function jsonHandler(endpoint: JsonEndpoint): RestHandler {
  const { operation, rest, wrap } = endpoint;
  const { from = rest?.method === "POST" ? bodyInput : pathInput } = endpoint;
  const handler: RestHandler = async (request, reply) => {
    const result = await operation.run(from(request, operation.input), request.call);
    if (endpoint.isReady?.(result) === false) void reply.code(503);
    return asJson(reply, result);
  };
  return wrap?.(handler) ?? handler;
}

function declare(app: FastifyInstance, endpoint: Endpoint): void {
  if (endpoint.kind === "asset") {
    app.get(endpoint.path, OPEN, endpoint.handler);
    return;
  }
  const { rest, rules } = endpoint;
  if (rest === undefined) return;
  const handler = endpoint.kind === "json" ? jsonHandler(endpoint) : endpoint.handler;
  for (const url of [rest.path, ...Object.values(rest.aliases ?? {})]) {
    app.route({ method: rest.method, url, config: { ...rules }, handler });
  }
}

/** Declares the REST routes of all endpoints; those of admins only where there are any. */
export async function restRoutes(
  app: FastifyInstance,
  endpoints: Endpoints,
  { admins }: { readonly admins: boolean },
): Promise<void> {
  const all = [...endpointsOf(endpoints)]
    .map(([, endpoint]) => endpoint)
    .filter((entry) => admins || entry.kind === "asset" || entry.rules?.access !== "admin");
  const takesFile = (entry: Endpoint) =>
    entry.kind !== "asset" && entry.rules?.body?.kind === "file";
  for (const endpoint of all) if (!takesFile(endpoint)) declare(app, endpoint);
  // Apart from the others, because their bodies are read by their handlers.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    for (const endpoint of all) if (takesFile(endpoint)) declare(scope, endpoint);
  });
}
