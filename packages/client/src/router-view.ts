import type {
  AnyTRPCMutationProcedure,
  AnyTRPCProcedure,
  AnyTRPCQueryProcedure,
  AnyTRPCSubscriptionProcedure,
  inferProcedureInput,
  inferProcedureOutput,
} from "@trpc/server";
import type { CallOptions, SubscribeOptions, Subscription } from "./options.ts";

// Every mapped type stands in the branch of a conditional one: so it has no name of its own, and a
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

type Input<P extends AnyTRPCProcedure> = Plain<inferProcedureInput<P>>;
type Output<P extends AnyTRPCProcedure> = Plain<inferProcedureOutput<P>>;
type Event<P extends AnyTRPCProcedure> =
  inferProcedureOutput<P> extends AsyncIterable<infer Item> ? Plain<Item> : Output<P>;

type Procedure<P> = P extends AnyTRPCQueryProcedure
  ? { query(input: Input<P>, options?: CallOptions): Promise<Output<P>> }
  : P extends AnyTRPCMutationProcedure
    ? { mutate(input: Input<P>, options?: CallOptions): Promise<Output<P>> }
    : P extends AnyTRPCSubscriptionProcedure
      ? { subscribe(input: Input<P>, options: SubscribeOptions<Event<P>>): Subscription }
      : never;

/** What a client calls, from the record of a router: the router's inputs and outputs, nothing else of it. */
export type Procedures<R> = R extends infer Named
  ? {
      readonly [K in keyof Named]: Named[K] extends AnyTRPCProcedure
        ? Procedure<Named[K]>
        : Procedures<Named[K]>;
    }
  : never;
