import type { AppRouter as ServerRouter } from "@sepal/api/router";
import type { AnyProcedureType, Plain, ProcedureType } from "./router-view.ts";

/**
 * A procedure as tRPC's own types have one, so that `inferRouterInputs`, `createTRPCClient` and other helpers take a router
 * of them, whichever version of tRPC they are of.
 */
type Published<Kind extends string, Input, Output> = {
  _def: {
    procedure: true;
    type: Kind;
    $types: { input: Input; output: Output; errorShape: never };
    meta: unknown;
    experimental_caller: boolean;
    inputs: never[];
  };
  meta: unknown;
  (options: object): Promise<Output>;
};

type PublishedProcedure<P> =
  P extends ProcedureType<infer Kind, infer Input, infer Output>
    ? Published<Kind, Plain<Input>, Plain<Output>>
    : never;

/** The record of a router without its context and meta. */
type PublishedRecord<R> = R extends infer Named
  ? {
      [K in keyof Named]: Named[K] extends AnyProcedureType
        ? PublishedProcedure<Named[K]>
        : PublishedRecord<Named[K]>;
    }
  : never;

/** A router's type as tRPC builds it; what a server alone can do with it is `never`. */
interface PublishedRouter<Record, Failure> {
  _def: {
    _config: {
      $types: { ctx: object; meta: object; errorShape: Failure; transformer: false };
      transformer: never;
      errorFormatter: never;
      pathSeparator: never;
      allowOutsideOfServer: boolean;
      isServer: boolean;
      isDev: boolean;
    };
    router: true;
    procedures: Record;
    record: Record;
    lazy: { [name: string]: never };
  };
  createCaller: never;
}

/** The form of a failure without the names of tRPC's codes. */
type Widened<T> = T extends number
  ? number
  : T extends string
    ? string
    : T extends object
      ? T extends infer Named
        ? { [K in keyof Named]: Widened<Named[K]> }
        : never
      : T;

declare function withoutServer<R, Failure>(): PublishedRouter<PublishedRecord<R>, Widened<Failure>>;

/** Never called: its return type is inferred, so the compiler spells it out for the package's declarations. */
const published = () =>
  withoutServer<
    ServerRouter["_def"]["record"],
    ServerRouter["_def"]["_config"]["$types"]["errorShape"]
  >();

/**
 * The type of the server's router, for `createClient`, `inferRouterInputs` and whatever else of tRPC takes the type of one;
 * contracts that a server mounts are added to it as `AppRouter & MountedRouter`.
 */
export type AppRouter = ReturnType<typeof published>;
