import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import { fileQuery } from "@sepal/schema/predict-file";
import * as z from "zod";
import type { Exchange } from "../http/exchange.ts";
import { asJson, readJson } from "../http/json.ts";
import type { JsonHandler, RouteEntry } from "../http/route-table.ts";
import { invalidField, isChoice, parseInput, parseQuery } from "../operations/operation.ts";
import {
  endpointsOf,
  type Endpoint,
  type BytesEndpoint,
  type Endpoints,
  type JsonEndpoint,
} from "./endpoint.ts";

/** Input from the body. */
function bodyInput(exchange: Exchange, schema: z.ZodType): unknown {
  return parseInput(schema, readJson(exchange));
}

/** Input from the path, as it stands there: the operation knows what does not exist. */
function pathInput({ params }: Exchange): unknown {
  return params;
}

/** Input from the query. */
export function queryInput({ query }: Exchange, schema: z.ZodType): unknown {
  return parseQuery(schema, query);
}

/** The handler of a `json` endpoint; made once. */
function jsonHandler(endpoint: JsonEndpoint): JsonHandler {
  const { operation, rest, wrap } = endpoint;
  const { from = rest?.method === "POST" ? bodyInput : pathInput } = endpoint;
  const handler: JsonHandler = async (exchange) => {
    const result = await operation.run(from(exchange, operation.input), exchange.call);
    if (endpoint.isReady?.(result) === false) exchange.code(503);
    return asJson(exchange, result);
  };
  return wrap?.(handler) ?? handler;
}

/**
 * Fails with `invalid_input` where the query of a prediction holds a choice that its route does not read: ignored, it
 * would look as if it had been made. `undefined` for an endpoint that cannot be misread.
 */
function strayChoices(endpoint: JsonEndpoint | BytesEndpoint) {
  if (endpoint.errors?.includes("invalid_input") !== true) return undefined;
  if (endpoint.kind === "json" && endpoint.from === queryInput) return undefined;
  const takesFile = endpoint.rules?.body?.kind === "file";
  const inBody = endpoint.kind === "json" ? endpoint.operation.input : undefined;
  return ({ url, query }: Exchange): void => {
    if (!url.includes("?")) return;
    for (const [name, value] of Object.entries(query)) {
      if (!isChoice(name) || (takesFile && name in fileQuery.shape)) continue;
      const belongs = inBody instanceof z.ZodObject && name in inBody.shape;
      const where = belongs ? "belongs in the JSON body" : "is not a choice of this route";
      throw invalidField(["query", name], `${name} ${where}`, value);
    }
  };
}

/** The routes of an endpoint. */
function* routesOf(endpoint: Endpoint): Generator<RouteEntry> {
  if (endpoint.kind === "asset") {
    const { path: url, handler } = endpoint;
    yield { methods: ["GET"], url, rules: { access: "open" }, handler };
    return;
  }
  const { rest, format = "rest" } = endpoint;
  if (rest === undefined) return;
  const rules = { ...endpoint.rules, format };
  const served =
    endpoint.kind === "json" ? { respond: jsonHandler(endpoint) } : { handler: endpoint.handler };
  const check = strayChoices(endpoint);
  for (const url of [rest.path, ...Object.values(rest.aliases ?? {})]) {
    yield { methods: [rest.method], url, rules, check, ...served };
  }
}

/** The REST routes of all endpoints; those of admins only where there are any. */
export function* restRoutes(
  endpoints: Endpoints,
  { admins }: { readonly admins: boolean },
): Generator<RouteEntry> {
  for (const [, endpoint] of endpointsOf(endpoints)) {
    const forAdmins = endpoint.kind !== "asset" && endpoint.rules?.access === "admin";
    if (admins || !forAdmins) yield* routesOf(endpoint);
  }
}

/** Names of contracts that a message lists. */
const SHOWN_CONTRACTS = 10;

/**
 * The routes of the default model's contract where there is no default model: 404, with those that have a prefix.
 * `endpoints` are those of the first contract.
 */
export function* prefixedRoutes(
  contracts: readonly Contract[],
  endpoints: Endpoints,
): Generator<RouteEntry> {
  const [first] = contracts;
  if (first === undefined) return;
  const names = contracts.slice(0, SHOWN_CONTRACTS).map(({ name }) => name);
  for (const [, endpoint] of endpointsOf(endpoints)) {
    if (endpoint.kind === "asset" || endpoint.rest === undefined) continue;
    const { method, path } = endpoint.rest;
    const url = path.slice(first.name.length + 1);
    const prefixed = names.map((name) => `/${name}${url}`).join(", ");
    const message = `there is no default model; call it by its contract: ${prefixed}`;
    const fault = () => new SepalError("not_found", message);
    yield { methods: [method], url, rules: { access: "open" }, fault };
  }
}
