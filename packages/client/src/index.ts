import { createTRPCClient } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";
import { contracts as all } from "@sepal/schema/contracts/index";
import { clientLinks } from "./client-links.ts";
import type { ClientOptions } from "./options.ts";
import type { Plain, Procedures } from "./router-view.ts";

export type { CallOptions, ClientOptions, SubscribeOptions, Subscription } from "./options.ts";
export { toFailure, type DetailEntry, type Failure, type FailureKind } from "./failure.ts";

/** The client with the types that its callers see. */
function asProcedures<R>(client: Procedures<R>): Procedures<R> {
  return client;
}

/**
 * Makes a client of a Sepal server with every procedure of its router, such as
 * `client.predict.mutate({ features })`; what a call throws is read by `toFailure`.
 */
export function createClient(options: ClientOptions) {
  const client = createTRPCClient<AppRouter>({ links: clientLinks(options) });
  // The return type is left to the compiler, which spells it out for the package's declarations.
  return asProcedures<AppRouter["_def"]["record"]>(client);
}

/** See {@link createClient}. */
export type SepalClient = ReturnType<typeof createClient>;

type AllContracts = typeof all;

function plain<T>(value: T): T {
  return value;
}

/**
 * Every contract by name: its features, its classes, its examples, and `toFeatures`, which puts named
 * values into the order that models take.
 */
export const contracts = plain<
  AllContracts extends infer Named
    ? {
        readonly [Name in keyof Named]: {
          // Which numbers are allowed is the server's to say: its 422 names the rule.
          readonly [Key in keyof Named[Name] as Exclude<Key, "domain">]: Plain<Named[Name][Key]>;
        };
      }
    : never
>(all);
