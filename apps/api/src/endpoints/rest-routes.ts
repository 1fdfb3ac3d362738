import type { FastifyInstance, FastifyRequest } from "fastify";
import { fileQuery } from "@sepal/schema/predict-file";
import * as z from "zod";
import { asJson, readJson } from "../http/json.ts";
import { OPEN, type RestHandler } from "../http/route-rules.ts";
import { invalidField, isChoice, parseInput, parseQuery } from "../operations/operation.ts";
import {
  endpointsOf,
  type Endpoint,
  type BytesEndpoint,
  type Endpoints,
  type JsonEndpoint,
} from "./endpoint.ts";

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

/**
 * A handler of predictions that fails with `invalid_input` where the query holds a choice that its route does not read:
 * ignored, it would look as if it had been made.
 */
function withoutStrayChoices(endpoint: JsonEndpoint | BytesEndpoint, handler: RestHandler) {
  if (endpoint.errors?.includes("invalid_input") !== true) return handler;
  if (endpoint.kind === "json" && endpoint.from === queryInput) return handler;
  const takesFile = endpoint.rules?.body?.kind === "file";
  const inBody = endpoint.kind === "json" ? endpoint.operation.input : undefined;
  const checked: RestHandler = (request, reply) => {
    if (request.url.includes("?")) {
      for (const name of Object.keys(Object(request.query))) {
        if (!isChoice(name) || (takesFile && name in fileQuery.shape)) continue;
        const belongs = inBody instanceof z.ZodObject && name in inBody.shape;
        const where = belongs ? "belongs in the JSON body" : "is not a choice of this route";
        throw invalidField(["query", name], `${name} ${where}`, Object(request.query)[name]);
      }
    }
    return handler(request, reply);
  };
  return checked;
}

function declare(app: FastifyInstance, endpoint: Endpoint): void {
  if (endpoint.kind === "asset") {
    app.get(endpoint.path, OPEN, endpoint.handler);
    return;
  }
  const { rest, rules } = endpoint;
  if (rest === undefined) return;
  const own = endpoint.kind === "json" ? jsonHandler(endpoint) : endpoint.handler;
  const handler = withoutStrayChoices(endpoint, own);
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
