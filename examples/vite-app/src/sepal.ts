import type { AppRouter } from "@sepal/client";
import { QueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { createTRPCOptionsProxy } from "@trpc/tanstack-react-query";

const url = import.meta.env.VITE_SEPAL_URL ?? "http://localhost:8000";

/** The page's one cache of what the server said. */
export const queryClient = new QueryClient();

/** The server's procedures as options of TanStack Query; the server takes at most 100 calls in one request. */
export const trpc = createTRPCOptionsProxy<AppRouter>({
  client: createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${url}/trpc`, maxItems: 100 })],
  }),
  queryClient,
});
