import type { AppRouter } from "@sepal/api/router";
import { createTRPCClient } from "@trpc/client";
import { clientLinks } from "./client-links.ts";
import type { ClientOptions } from "./client-options.ts";
import type { Procedures } from "./router-view.ts";

/** The client as its callers see it; the compiler holds the one it is given against that. */
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
