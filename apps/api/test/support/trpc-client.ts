import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";

/** The stock client, one call a request. */
export function singleClient(url: string) {
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc` })] });
}

/** The stock client, calls of one tick in one request. */
export function batchClient(url: string) {
  return createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${url}/trpc` })] });
}

/** The stock client, as above, with answers as they come. */
export function streamClient(url: string) {
  return createTRPCClient<AppRouter>({ links: [httpBatchStreamLink({ url: `${url}/trpc` })] });
}
