import { createTRPCClient } from "@trpc/client";
import type { AppRouter as ServerRouter } from "@sepal/api/router";
import { contracts as all } from "@sepal/schema/contracts/index";
import type { AppRouter } from "./app-router.ts";
import { clientLinks } from "./client-links.ts";
import type { ClientOptions } from "./options.ts";
import type { Plain, Procedures } from "./router-view.ts";

export type { AppRouter } from "./app-router.ts";
export type { CallOptions, ClientOptions, SubscribeOptions, Subscription } from "./options.ts";
export { toFailure, type DetailEntry, type Failure, type FailureKind } from "./failure.ts";

/** What a client needs of a router's type; {@link AppRouter}, and that of mounted contracts, which `types` writes. */
interface RouterType {
  readonly _def: { readonly record: object };
}

/**
 * Makes a client of a Sepal server with every procedure of its router, such as
 * `client.predict.mutate({ features })`; what a call throws is read by `toFailure`.
 *
 * @example
 * createClient<AppRouter & MountedRouter>({ url }); // with the types of contracts that the server mounts
 */
export function createClient<R extends RouterType = AppRouter>(
  options: ClientOptions,
): Procedures<R["_def"]["record"]> {
  // The compiler compares what is published with the router itself.
  const client: SepalClient = createTRPCClient<ServerRouter>({ links: clientLinks(options) });
  // It is a proxy: which procedures there are, the server knows.
  return client as unknown as Procedures<R["_def"]["record"]>;
}

/** See {@link createClient}. */
export type SepalClient = Procedures<AppRouter["_def"]["record"]>;

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
          readonly [Key in keyof Named[Name]]: Plain<Named[Name][Key]>;
        };
      }
    : never
>(all);
