import { SepalError } from "@sepal/schema/sepal-error";
import type { AnyTRPCRouter } from "@trpc/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import { toSepalError } from "../../errors/failures.ts";
import { TRPC_VARY, trpcErrorShape } from "../../errors/error-formats.ts";
import { parseJsonBytes, readJson } from "../../http/json.ts";
import type { RestHandler } from "../../http/route-rules.ts";
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

/** The calls of one request, from its path and query. */
export interface TrpcCalls {
  /** Whether it is in the form of a batch, also of one call. */
  readonly batched: boolean;
  readonly names: readonly string[];
  /** The `input` of the query. */
  readonly input: string | null;
}

/** Reads which procedures a request calls; `path` is decoded. */
export function readCalls(path: string, url: string): TrpcCalls {
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

  /** Whether a request is one of this adapter's: it asks for no stream, and each of its procedures gives JSON. */
  takes({ method, headers, url }: FastifyRequest, { names }: TrpcCalls): boolean {
    if (method !== "POST" && (method !== "GET" || headers["content-type"] !== undefined)) {
      return false;
    }
    if (headers["trpc-accept"] !== undefined || url.includes("connectionParams=")) return false;
    if (headers.accept?.includes("application/jsonl") === true) return false;
    for (const name of names) {
      const procedure = this.#options.procedures.get(name);
      if (procedure !== undefined && procedure.meta.operation === undefined) return false;
    }
    return true;
  }

  /** The response of a request that the adapter takes. */
  respond(
    request: FastifyRequest,
    reply: FastifyReply,
    calls: TrpcCalls,
  ): Promise<FastifyReply | string> {
    const { workers } = this.#options;
    const [name = ""] = calls.names;
    if (calls.batched || workers?.takes(request) === true)
      return this.#respondAny(request, reply, calls);
    return this.#respondOne(request, reply, name, calls.input);
  }

  /**
   * Handles a mutation on a route of its own: a call as `httpLink` sends it is not looked up again, which is most of what
   * tRPC costs beside REST; whatever else comes there goes to `handler`.
   */
  mutationHandler(name: string, handler: RestHandler): RestHandler {
    const procedure = this.#options.procedures.get(name);
    const operation = procedure?.meta.operation;
    if (operation === undefined || procedure?.type !== "mutation") return handler;
    const { workers } = this.#options;
    return (request, reply) => {
      const { method, headers, url, body } = request;
      const isPlain =
        method === "POST" &&
        Buffer.isBuffer(body) &&
        body.length > 0 &&
        !url.includes("?") &&
        headers["trpc-accept"] === undefined &&
        headers.accept?.includes("application/jsonl") !== true &&
        workers?.takes(request) !== true;
      return isPlain ? this.#respondWith(operation, request, reply, name) : handler(request, reply);
    };
  }

  /** The response of a call of an operation; `query` is the input of a GET. */
  async #respondWith(
    operation: Operation<unknown, unknown>,
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    query: string | null = null,
  ): Promise<string> {
    try {
      const value = request.method === "GET" ? readQuery(query) : readJson(request);
      const data = await operation.run(parseInput(operation.input, value), request.call);
      void reply.headers(HEADERS);
      return ENVELOPE[0] + JSON.stringify(data) + ENVELOPE[1];
    } catch (thrown) {
      return this.#sendFailure(thrown, request, reply, name);
    }
  }

  #sendFailure(
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
  ): string {
    const error = this.#failure(request, thrown);
    void reply.code(error.status).headers(error.headers).headers(HEADERS);
    return JSON.stringify({ error: trpcErrorShape(error, request.id, name) });
  }

  /** The response of a call that is not in the form of a batch. */
  async #respondOne(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    query: string | null,
  ): Promise<string> {
    let operation: Operation<unknown, unknown>;
    try {
      operation = this.#operationOf(name, request.method);
    } catch (thrown) {
      return this.#sendFailure(thrown, request, reply, name);
    }
    return this.#respondWith(operation, request, reply, name, query);
  }

  /** The response of a batch, and of whatever has a large body. */
  async #respondAny(
    request: FastifyRequest,
    reply: FastifyReply,
    calls: TrpcCalls,
  ): Promise<FastifyReply | string> {
    const { workers } = this.#options;
    const mixed = this.#mixedTypes(calls);
    if (mixed !== undefined) return sendWhole(reply, mixed);
    if (workers?.takes(request) === true && Buffer.isBuffer(request.body)) {
      const large = this.#largeBatch(calls);
      if (large !== undefined) return workers.respond(request, reply.headers(HEADERS), large);
      // Parsing it must not hold the event loop; the thread takes its bytes.
      await workers.weigh(request.call, Buffer.from(request.body));
    }
    const { batched, names, input } = calls;
    if (!batched) return this.#respondOne(request, reply, names[0] ?? "", input);
    const inputs = readInputs(request, input);
    const outcomes = await Promise.all(
      names.map((name, index) => this.#run(request, name, index, inputs)),
    );
    return send(reply, outcomes, request.id);
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
    request: FastifyRequest,
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
      const operation = this.#operationOf(name, request.method);
      const input = parseInput(operation.input, inputs()[index]);
      return { name, data: await operation.run(input, request.call) };
    } catch (thrown) {
      return { name, error: this.#failure(request, thrown) };
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

  #failure(request: FastifyRequest, thrown: unknown): SepalError {
    const error = toSepalError(thrown);
    if (error.code === "internal") request.failure = error.cause ?? error;
    return request.call.services.settings.ECHO_INPUT ? error : error.withoutInput();
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
function readInputs(request: FastifyRequest, input: string | null): () => Record<number, unknown> {
  let inputs: Record<number, unknown> | undefined;
  let failure: unknown;
  const read = () => {
    const value = request.method === "GET" ? readQuery(input) : readJson(request);
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

/** Sends the outcomes of a batch's calls; 207 where their statuses differ. */
function send(reply: FastifyReply, outcomes: readonly Outcome[], requestId: string): string {
  const statuses = new Set(outcomes.map(({ error }) => error?.status ?? 200));
  const [status = 200] = statuses;
  // The first failure that brings any, such as `retry-after`.
  const failed = outcomes.find(({ error }) => Object.keys(error?.headers ?? {}).length > 0);
  void reply
    .code(statuses.size > 1 ? 207 : status)
    .headers({ ...failed?.error?.headers, ...HEADERS });
  return `[${outcomes.map((outcome) => textOf(outcome, requestId)).join(",")}]`;
}

/** Sends the failure of a request whose calls were not looked at one by one. */
function sendWhole(reply: FastifyReply, error: SepalError): string {
  void reply.code(error.status).headers(HEADERS);
  return JSON.stringify({ error: trpcErrorShape(error, undefined, undefined) });
}
