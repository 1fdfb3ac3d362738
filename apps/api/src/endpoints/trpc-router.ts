import type {
  AnyTRPCProcedure,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCRouterRecord,
} from "@trpc/server";
import type * as z from "zod";
import { procedure, router, type ProcedureMeta } from "../protocols/trpc/init.ts";
import type { createEndpoints } from "./endpoints.ts";
import { isEndpoint, type Endpoint, type Endpoints, type JsonEndpoint } from "./endpoint.ts";

type TypesOf<Op extends JsonEndpoint["operation"]> = {
  input: z.input<Op["input"]>;
  output: z.output<Op["output"]>;
  meta: ProcedureMeta;
};

type ProcedureOf<E> =
  E extends JsonEndpoint<infer Op, infer Type>
    ? Type extends "query"
      ? TRPCQueryProcedure<TypesOf<Op>>
      : TRPCMutationProcedure<TypesOf<Op>>
    : never;

type RestOnly = Exclude<Endpoint, JsonEndpoint> | { readonly trpc: false };

/** The procedures of a record of endpoints. */
type Procedures<R> = {
  [Name in keyof R as R[Name] extends RestOnly ? never : Name]: R[Name] extends AnyTRPCProcedure
    ? R[Name]
    : R[Name] extends Endpoint
      ? ProcedureOf<R[Name]>
      : Procedures<R[Name]>;
};

function toProcedure(endpoint: JsonEndpoint): AnyTRPCProcedure {
  const { operation, trpc, rest, rules, tag, summary, description, batchOf } = endpoint;
  const typed = procedure
    .meta({
      operation,
      rules,
      batchOf,
      ...(rest !== undefined && {
        openapi: {
          method: rest.method,
          path: documentPath(rest.path),
          tags: [tag],
          protect: false,
          errorResponses: {},
          summary,
          description,
        },
      }),
    })
    .input(operation.input)
    .output(operation.output);
  if (trpc === "query") return typed.query(({ input, ctx }) => operation.run(input, ctx));
  return typed.mutation(({ input, ctx }) => operation.run(input, ctx));
}

/** A path as OpenAPI writes it, such as `/models/{model_name}`. */
export function documentPath(path: `/${string}`): `/${string}` {
  return `/${path.slice(1).replaceAll(/:(\w+)/g, "{$1}")}`;
}

function toProcedures(endpoints: Endpoints): TRPCRouterRecord {
  const entries = Object.entries(endpoints).flatMap(
    ([name, entry]): [string, TRPCRouterRecord[string]][] => {
      if (typeof entry === "function") return [[name, entry]];
      if (!isEndpoint(entry)) return [[name, toProcedures(entry)]];
      if (entry.kind !== "json" || entry.trpc === false) return [];
      return [[name, toProcedure(entry)]];
    },
  );
  return Object.fromEntries(entries);
}

/** The tRPC router of a record of endpoints: each `json` endpoint under its name, with the types of its operation. */
export function createRouter<const R extends Endpoints>(endpoints: R) {
  // The mapped type knows that, `fromEntries` does not.
  return router(toProcedures(endpoints) as Procedures<R>);
}

/** The type a client is made from. */
export type AppRouter = ReturnType<typeof createRouter<ReturnType<typeof createEndpoints>>>;
