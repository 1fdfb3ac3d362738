import type { ErrorCode } from "@sepal/schema/error-codes";
import type { RequestLimits } from "@sepal/schema/limits";
import type { AnyTRPCProcedure } from "@trpc/server";
import * as z from "zod";
import type { ZodOpenApiOperationObject } from "zod-openapi";
import { jobRef } from "@sepal/schema/job";
import type { BatchWorkers } from "../batch-workers/batch-workers.ts";
import type { ErrorFormat } from "../errors/error-formats.ts";
import type { Exchange } from "../http/exchange.ts";
import type { BytesHandler, JsonHandler, RouteRules } from "../http/route-table.ts";
import type { Operation } from "../operations/operation.ts";
import type { ExamplePredictions } from "./examples.ts";

type Path = `/${string}`;

/** Where an endpoint stands in REST. */
interface RestPlace {
  readonly method: "GET" | "POST" | "DELETE";
  /** Such as `/models/:model_name`. */
  readonly path: Path;
  /** Further paths, by the operation id that each has in the document. */
  readonly aliases?: Readonly<Record<string, Path>>;
  /** Operation id in the document; the endpoint's name when absent. */
  readonly id?: string;
}

/** What every endpoint declares. */
interface Declared {
  /** What the gate has to know: access, content types, byte limit, quota cost, shedding. */
  readonly rules?: Partial<RouteRules>;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Errors it can give besides those of access and `COMMON_ERRORS`; of two with one status, the first is documented. */
  readonly errors?: readonly ErrorCode[];
  /** `rest` when absent. */
  readonly format?: Exclude<ErrorFormat, "trpc">;
  /** Of which contract it takes a model by name, or of any: the document lists their names. */
  readonly models?: { readonly contract?: string };
  /** Documented headers of its 200. */
  readonly headers?: Readonly<Record<string, object>>;
}

/** How a `json` endpoint is called over tRPC; `false`: not at all. */
type ProcedureType = "query" | "mutation" | false;

/** Takes an operation's input from a request. */
type ReadInput = (exchange: Exchange, schema: z.ZodType) => unknown;

/** JSON in, JSON out: an operation, which REST and tRPC both call. */
export interface JsonEndpoint<
  Op extends Operation<unknown, unknown> = Operation<unknown, unknown>,
  Type extends ProcedureType = ProcedureType,
> extends Declared {
  readonly kind: "json";
  readonly operation: Op;
  readonly trpc: Type;
  /** Absent where it is a procedure alone. */
  readonly rest?: RestPlace;
  /** Where REST has the input from; the body of a POST, else the path, when absent. */
  readonly from?: ReadInput;
  /** Replaces or wraps the REST handler, such as for a batch that goes to a worker thread. */
  readonly wrap?: (handler: JsonHandler) => JsonHandler;
  /** The contract of a batch, which a worker thread computes where it is large. */
  readonly batchOf?: string;
  /** What a 503 with the endpoint's own body means. */
  readonly unready?: string;
  /** Whether a result is sent as 200; else as 503. */
  isReady?(result: z.output<Op["output"]>): boolean;
  /** Documented request and response, where there are any to show. */
  example?(predictions: ExamplePredictions): {
    readonly request?: object;
    readonly response?: object;
  };
  /** Documented content of a request besides JSON. */
  readonly requestContent?: Readonly<Record<string, object>>;
  /** Documented content of a 200 besides JSON. */
  content?(predictions: ExamplePredictions): Readonly<Record<string, object>>;
}

/** What a `bytes` endpoint contributes to the document. */
type Documented = Pick<
  ZodOpenApiOperationObject,
  "parameters" | "requestParams" | "requestBody" | "responses"
>;

/** The head of a request and a stream of bytes in, a response of its own out; REST alone. */
export interface BytesEndpoint extends Declared {
  readonly kind: "bytes";
  readonly rest: RestPlace;
  readonly handler: BytesHandler;
  document(predictions: ExamplePredictions): Documented;
}

/** A file of a page; it is open, and neither in the index nor in the document. */
interface AssetEndpoint {
  readonly kind: "asset";
  readonly path: Path;
  readonly handler: BytesHandler;
}

/** What the endpoints of a server depend on. */
export interface EndpointOptions {
  readonly limits: RequestLimits;
  /** Longest file in bytes. */
  readonly maxFileBytes: number;
  /** Where large batches go; absent, they stay on the main thread. */
  readonly workers: BatchWorkers | undefined;
}

/** One endpoint of any kind. */
export type Endpoint = JsonEndpoint | BytesEndpoint | AssetEndpoint;

/** Endpoints by name; the name of a `json` endpoint is the one it has over tRPC, where streams stand as procedures. */
export interface Endpoints {
  readonly [name: string]: Endpoint | AnyTRPCProcedure | Endpoints;
}

/** Declares an endpoint that takes and gives JSON. */
export function json<Op extends Operation<unknown, unknown>, const Type extends ProcedureType>(
  entry: Omit<JsonEndpoint<Op, Type>, "kind">,
): JsonEndpoint<Op, Type> {
  return { kind: "json", ...entry };
}

/** Declares an endpoint that reads its body and writes its response itself. */
export function bytes(entry: Omit<BytesEndpoint, "kind">): BytesEndpoint {
  return { kind: "bytes", ...entry };
}

/** Declares a file of a page. */
export function asset(path: Path, handler: BytesHandler): AssetEndpoint {
  return { kind: "asset", path, handler };
}

/** Whether an entry is an endpoint, and no group of them. */
export function isEndpoint(entry: Endpoints[string]): entry is Endpoint {
  return "kind" in entry && typeof entry.kind === "string";
}

/** Every endpoint with its name; those of groups are joined by dots. */
export function* endpointsOf(
  endpoints: Endpoints,
  prefix = "",
): Generator<readonly [name: string, endpoint: Endpoint]> {
  for (const [key, entry] of Object.entries(endpoints)) {
    if (typeof entry === "function") continue;
    if (isEndpoint(entry)) yield [prefix + key, entry];
    else yield* endpointsOf(entry, `${prefix}${key}.`);
  }
}

/** Whether a path is another with a slash behind it, which neither the index nor the document repeats. */
export function isSecondSpelling(path: string): boolean {
  return path !== "/" && path.endsWith("/");
}

/** Every endpoint reads `x-request-timeout-ms`, can meet a bug, and is rejected when the server ends. */
export const COMMON_ERRORS = ["malformed_request", "internal", "unavailable"] as const;

/** Errors of what a model computes for a body. */
export const PREDICT_ERRORS = [
  "malformed_body",
  "not_found",
  "too_large",
  "unsupported_media_type",
  "invalid_input",
  "deadline_exceeded",
] as const;

/** Errors of a body that is read because the method may have one; not what the endpoint is called for. */
export const STRAY_BODY_ERRORS = [
  "malformed_request",
  "malformed_body",
  "too_large",
  "unsupported_media_type",
] as const;

/** Documented headers of a response that a model computed. */
export const COMPUTED_HEADERS = {
  "server-timing": {
    description:
      "Durations in milliseconds: `queue` (waiting), `compute` (model execution), `total` (in the server).",
    schema: { type: "string" },
    example: "queue;dur=0.046, compute;dur=0.021, total;dur=0.200",
  },
};

const name = z.string().min(1).max(128);

/** Schemas of the parameters that paths have. */
const PARAMETERS: Readonly<Record<string, z.ZodType>> = {
  model_name: name,
  model_version: name,
  job_id: jobRef.shape.job_id,
  contract: name,
};

/** The documented parameters of a path, such as `/models/:model_name`. */
export function pathParameters(path: string): z.ZodObject {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, key = ""]) => key);
  return z.object(Object.fromEntries(names.map((key) => [key, PARAMETERS[key] ?? z.string()])));
}

/** A documented 200 with a JSON body. */
export function jsonResponse(schema: z.ZodType, example?: unknown) {
  const content = { "application/json": { schema, ...(example !== undefined && { example }) } };
  return { 200: { description: "Successful response", content } };
}

/** A documented 200 with a text. */
export function textResponse(mediaType: string, description: string, example: string) {
  return { 200: { description, content: { [mediaType]: { schema: z.string(), example } } } };
}
