import type { CallOptions, SubscribeOptions, Subscription } from "./options.ts";

// Nothing here names a package, so that the declarations compile where there is none of tRPC's: a router's type is recognised by
// its form. Every mapped type stands in the branch of a conditional one: so it has no name of its own, and a
// declaration file spells its members out instead of importing the server's types.

/** A type with every name in it replaced by what it stands for. */
export type Plain<T> =
  T extends AsyncIterable<infer Item>
    ? AsyncIterable<Plain<Item>>
    : T extends (...parameters: infer Parameters extends readonly unknown[]) => infer Result
      ? (...parameters: Plain<Parameters>) => Plain<Result>
      : T extends object
        ? T extends infer Named
          ? { [K in keyof Named]: Plain<Named[K]> }
          : never
        : T;

/** What a model computed; `computed_by` is there where the client may compute it itself. */
type Computed<T> = T extends { readonly model_used: string }
  ? T & { readonly computed_by?: "server" | "client" }
  : T;

/** What identifies a tRPC procedure by its type: its kind, and the types of its input and output. */
export interface ProcedureType<Kind extends string, Input, Output> {
  readonly _def: {
    readonly procedure: true;
    readonly type: Kind;
    readonly $types: { readonly input: Input; readonly output: Output };
  };
}

/** Any procedure. */
export type AnyProcedureType = ProcedureType<string, unknown, unknown>;

/** An input that may be left out where it may be `undefined`. */
type Given<Input> = undefined extends Input ? Input | void : Input;

type EventOf<Output> = Output extends AsyncIterable<infer Item> ? Item : Output;

type Procedure<P> =
  P extends ProcedureType<"query", infer Input, infer Output>
    ? { query(input: Given<Input>, options?: CallOptions): Promise<Output> }
    : P extends ProcedureType<"mutation", infer Input, infer Output>
      ? { mutate(input: Given<Input>, options?: CallOptions): Promise<Computed<Output>> }
      : P extends ProcedureType<"subscription", infer Input, infer Output>
        ? {
            subscribe(
              input: Given<Input>,
              options: SubscribeOptions<EventOf<Output>>,
            ): Subscription;
          }
        : never;

/** What a client calls, from the record of a router: the router's inputs and outputs, nothing else of it. */
export type Procedures<R> = R extends infer Named
  ? {
      readonly [K in keyof Named]: Named[K] extends AnyProcedureType
        ? Procedure<Named[K]>
        : Procedures<Named[K]>;
    }
  : never;
