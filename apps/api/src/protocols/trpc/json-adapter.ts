import { SepalError } from "@sepal/schema/sepal-error";
import type { AnyTRPCRouter } from "@trpc/server";
import { toSepalError } from "../../errors/failures.ts";
import { TRPC_VARY, trpcErrorShape } from "../../errors/error-formats.ts";
import { parseJsonBytes, readJson } from "../../http/json.ts";
import type { Content, Exchange } from "../../http/exchange.ts";
import type { JsonHandler } from "../../http/route-table.ts";
import { parseInput, type Operation } from "../../operations/operation.ts";
import type { BatchWorkers } from "../../batch-workers/batch-workers.ts";
import type { ProcedureMeta } from "./init.ts";

const HEADERS = { "content-type": "application/json; charset=utf-8", vary: TRPC_VARY };

const ENVELOPE = ['{"result":{"data":', "}}"] as const;
const ENVELOPE_OF_ONE = ['[{"result":{"data":', "}}]"] as const;

/** A procedure as the adapter finds it. */
export interface FoundProcedure {
  readonly type: "query" | "mutation" | "subscription";
  readonly meta: ProcedureMeta;
}

/** The procedures of a router by name; names of nested ones are joined by dots. */
export function proceduresOf({ _def }: AnyTRPCRouter): ReadonlyMap<string, FoundProcedure> {
  const found = new Map<string, FoundProcedure>();
  for (const [name, procedure] of Object.entries(_def.procedures)) {
    // The type says nested routers where the names are flat at run time.
    const { type, meta = {} }: Partial<FoundProcedure> = Object(Object(procedure)._def);
    if (type !== undefined) found.set(name, { type, meta });
  }
  return found;
}

const PREFIX = "/trpc/";

/** The procedures that the path of a request names, as one text. */
export function pathOf({ params, route }: Pick<Exchange, "params" | "route">): string {
  return params["path"] ?? route.url.slice(PREFIX.length);
}

/** The calls of one request, from its path and query. */
interface TrpcCalls {
  /** Whether it is in the form of a batch, also of one call. */
  readonly batched: boolean;
  readonly names: readonly string[];
  /** The `input` of the query. */
  readonly input: string | null;
}

/** Reads which procedures a request calls. */
export function readCalls(exchange: Exchange): TrpcCalls {
  const { url } = exchange;
  const path = pathOf(exchange);
  const at = url.indexOf("?");
  // What `httpLink` and `httpBatchLink` send with a body.
  if (at === -1) return { batched: false, names: [path], input: null };
  if (url.endsWith("?batch=1")) return { batched: true, names: path.split(","), input: null };
  const query = new URLSearchParams(url.slice(at));
  const batched = query.get("batch") === "1";
  return { batched, names: batched ? path.split(",") : [path], input: query.get("input") };
}

interface Outcome {
  readonly name: string;
  readonly data?: unknown;
  readonly error?: SepalError;
}

interface AdapterOptions {
  readonly procedures: ReadonlyMap<string, FoundProcedure>;
  /** Where large batches go; absent, they stay on the main thread. */
  readonly workers: BatchWorkers | undefined;
  readonly maxCalls: number;
}

/**
 * Responds to calls that take and return JSON, single or batched, straight from their operations, with the bytes of tRPC's
 * own adapter: that builds a Fetch `Request` and `Response` for each request, at 5 to 10 times the cost of the rest.
 */
export class JsonAdapter {
  readonly #options: AdapterOptions;

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  /** Whether a request is one of this adapter's, by its head: it asks for no stream, and each of its procedures gives JSON. */
  takes(exchange: Exchange): boolean {
    const { method, headers, url } = exchange;
    if (method !== "POST" && (method !== "GET" || headers["content-type"] !== undefined)) {
      return false;
    }
    if (headers["trpc-accept"] !== undefined || url.includes("connectionParams=")) return false;
    if (headers.accept?.includes("application/jsonl") === true) return false;
    for (const name of readCalls(exchange).names) {
      const procedure = this.#options.procedures.get(name);
      if (procedure !== undefined && procedure.meta.operation === undefined) return false;
    }
    return true;
  }

  /** The response of a request that the adapter takes. */
  respond(exchange: Exchange): Promise<Content> {
    const calls = readCalls(exchange);
    const [name = ""] = calls.names;
    const large = this.#options.workers?.takes(exchange) === true;
    if (calls.batched || large) return this.#respondAny(exchange, calls);
    return this.#respondOne(exchange, name, calls.input);
  }

  /**
   * Responds on a mutation's own route: a call as `httpLink` sends it is not looked up again, which is most of what
   * tRPC costs beside REST.
   */
  mutationHandler(name: string): JsonHandler {
    const procedure = this.#options.procedures.get(name);
    const operation = procedure?.meta.operation;
    if (operation === undefined || procedure?.type !== "mutation") {
      return (exchange) => this.respond(exchange);
    }
    const { workers } = this.#options;
    return (exchange) => {
      const { method, url } = exchange;
      const isPlain = method === "POST" && !url.includes("?") && workers?.takes(exchange) !== true;
      return isPlain ? this.#respondWith(operation, exchange, name) : this.respond(exchange);
    };
  }

  /** The response of a call of an operation; `query` is the input of a GET. */
  async #respondWith(
    operation: Operation<unknown, unknown>,
    exchange: Exchange,
    name: string,
    query: string | null = null,
  ): Promise<string> {
    try {
      const value = exchange.method === "GET" ? readQuery(query) : readJson(exchange);
      const data = await operation.run(parseInput(operation.input, value), exchange.call);
      exchange.setHeaders(HEADERS);
      return ENVELOPE[0] + JSON.stringify(data) + ENVELOPE[1];
    } catch (thrown) {
      return this.#failureOf(thrown, exchange, name);
    }
  }

  #failureOf(thrown: unknown, exchange: Exchange, name: string): string {
    const error = this.#failure(exchange, thrown);
    exchange.code(error.status).setHeaders(error.headers).setHeaders(HEADERS);
    return JSON.stringify({ error: trpcErrorShape(error, exchange.id, name) });
  }

  /** The response of a call that is not in the form of a batch. */
  async #respondOne(exchange: Exchange, name: string, query: string | null): Promise<string> {
    let operation: Operation<unknown, unknown>;
    try {
      operation = this.#operationOf(name, exchange.method);
    } catch (thrown) {
      return this.#failureOf(thrown, exchange, name);
    }
    return this.#respondWith(operation, exchange, name, query);
  }

  /** The response of a batch, and of whatever has a large body. */
  async #respondAny(exchange: Exchange, calls: TrpcCalls): Promise<Content> {
    const { workers } = this.#options;
    const mixed = this.#mixedTypes(calls);
    if (mixed !== undefined) {
      exchange.code(mixed.status).setHeaders(HEADERS);
      return JSON.stringify({ error: trpcErrorShape(mixed, undefined, undefined) });
    }
    if (workers?.takes(exchange) === true) {
      const large = this.#largeBatch(calls);
      if (large !== undefined) return workers.respond(exchange.setHeaders(HEADERS), large);
      // Parsing it must not hold the event loop; the thread takes its bytes.
      await workers.weigh(exchange.call, Buffer.from(exchange.body ?? []));
    }
    const { batched, names, input } = calls;
    if (!batched) return this.#respondOne(exchange, names[0] ?? "", input);
    const inputs = readInputs(exchange, input);
    const outcomes = await Promise.all(
      names.map((name, index) => this.#run(exchange, name, index, inputs)),
    );
    return joinOutcomes(exchange, outcomes);
  }

  /** How a worker thread computes the request's only call, where that is a batch of rows. */
  #largeBatch({ names, batched }: TrpcCalls) {
    const [name = ""] = names;
    const contract = this.#options.procedures.get(name)?.meta.batchOf;
    if (contract === undefined || names.length > 1) return undefined;
    return batched
      ? { contract, envelope: ENVELOPE_OF_ONE, inputKey: "0" }
      : { contract, envelope: ENVELOPE };
  }

  #mixedTypes({ names }: TrpcCalls): SepalError | undefined {
    const { procedures } = this.#options;
    const types = new Set(names.flatMap((name) => procedures.get(name)?.type ?? []));
    if (types.size < 2) return undefined;
    const message = `Cannot mix procedure types in call: ${[...types].join(", ")}`;
    return new SepalError("malformed_request", message);
  }

  async #run(
    exchange: Exchange,
    name: string,
    index: number,
    inputs: () => Record<number, unknown>,
  ): Promise<Outcome> {
    const { maxCalls } = this.#options;
    try {
      if (index >= maxCalls) {
        const message = `a request may have at most ${maxCalls} calls (MAX_CALLS): send this one in another`;
        throw new SepalError("malformed_request", message);
      }
      const operation = this.#operationOf(name, exchange.method);
      const input = parseInput(operation.input, inputs()[index]);
      return { name, data: await operation.run(input, exchange.call) };
    } catch (thrown) {
      return { name, error: this.#failure(exchange, thrown) };
    }
  }

  #operationOf(name: string, method: string): Operation<unknown, unknown> {
    const procedure = this.#options.procedures.get(name);
    if (procedure?.meta.operation === undefined) {
      throw new SepalError("not_found", `No procedure found on path "${name}"`);
    }
    checkMethod(method, procedure.type, name);
    return procedure.meta.operation;
  }

  #failure(exchange: Exchange, thrown: unknown): SepalError {
    const error = toSepalError(thrown);
    if (error.code === "internal") exchange.failure = error.cause ?? error;
    return exchange.call.services.settings.ECHO_INPUT ? error : error.withoutInput();
  }
}

function checkMethod(method: string, type: FoundProcedure["type"], name: string): void {
  const allow = type === "mutation" ? "POST" : "GET";
  if (method === allow) return;
  const message = `Unsupported ${method}-request to ${type} procedure at path "${name}"`;
  throw new SepalError("method_not_allowed", message, { headers: { allow } });
}

/** The `input` of a query string; absent, none. */
function readQuery(input: string | null): unknown {
  return input === null || input === "" ? undefined : parseJsonBytes(Buffer.from(input));
}

/** Reads the inputs of a batch's calls by their place, once and only where a call asks for its own. */
function readInputs(exchange: Exchange, input: string | null): () => Record<number, unknown> {
  let inputs: Record<number, unknown> | undefined;
  let failure: unknown;
  const read = () => {
    const value = exchange.method === "GET" ? readQuery(input) : readJson(exchange);
    // A GET without `input` calls each procedure without one.
    if (value === undefined) return {};
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    const message = '"input" needs to be an object when doing a batch call';
    throw new SepalError("malformed_request", message);
  };
  return () => {
    if (failure !== undefined) throw failure;
    try {
      return (inputs ??= read());
    } catch (error) {
      failure = error;
      throw error;
    }
  };
}

function textOf({ name, data, error }: Outcome, requestId: string): string {
  if (error === undefined) return ENVELOPE[0] + JSON.stringify(data) + ENVELOPE[1];
  return JSON.stringify({ error: trpcErrorShape(error, requestId, name) });
}

/** The content of a batch's response; its status is 207 where those of its calls differ. */
function joinOutcomes(exchange: Exchange, outcomes: readonly Outcome[]): string {
  const statuses = new Set(outcomes.map(({ error }) => error?.status ?? 200));
  const [status = 200] = statuses;
  // The first failure that brings any, such as `retry-after`.
  const failed = outcomes.find(({ error }) => Object.keys(error?.headers ?? {}).length > 0);
  exchange
    .code(statuses.size > 1 ? 207 : status)
    .setHeaders({ ...failed?.error?.headers, ...HEADERS });
  return `[${outcomes.map((outcome) => textOf(outcome, exchange.id)).join(",")}]`;
}
