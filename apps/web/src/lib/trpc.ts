import type { AppRouter } from "@sepal/api/router";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { credentialHeaders } from "./credentials.ts";
import { timingLink } from "./timing-link.ts";
import { PATH_PREFIX } from "./path-prefix.ts";

/** The typed client of every procedure, over this page's own origin; one request a call. */
export const trpc = createTRPCClient<AppRouter>({
  links: [timingLink, httpLink({ url: `${PATH_PREFIX}/trpc`, headers: credentialHeaders })],
});

/** The same with all calls of one moment in one request. */
export const batchedTrpc = createTRPCClient<AppRouter>({
  links: [timingLink, httpBatchLink({ url: `${PATH_PREFIX}/trpc`, headers: credentialHeaders })],
});
