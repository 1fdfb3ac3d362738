import type { AppRouter } from "@sepal/api/router";
import type { ModelCard } from "@sepal/schema/model-card";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";
import { webSettings } from "../settings.ts";

/** The typed client, from the playground's server straight to the API. */
export function serverTrpc(): TRPCClient<AppRouter> {
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${webSettings().API_URL}/trpc` })],
  });
}

/** The same with the server's own key, for what every reader may see: it never carries a reader's input. */
function ownTrpc(): TRPCClient<AppRouter> {
  const { API_URL, WEB_API_KEY } = webSettings();
  const headers = WEB_API_KEY === undefined ? {} : { "x-api-key": WEB_API_KEY };
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${API_URL}/trpc`, headers })] });
}

/** Every model's card; `null` when the API does not respond. */
export async function modelCards(): Promise<ModelCard[] | null> {
  try {
    return (await ownTrpc().models.list.query(undefined, { signal: AbortSignal.timeout(4000) }))
      .models;
  } catch {
    return null;
  }
}
