import type { AppRouter } from "@sepal/api/router";
import type { ModelCard } from "@sepal/schema/model-card";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";
import { timingLink } from "../lib/timing-link.ts";
import { webSettings } from "../settings.ts";

/** The typed client, from the playground's server straight to the API. */
export function serverTrpc(): TRPCClient<AppRouter> {
  return createTRPCClient<AppRouter>({
    links: [timingLink, httpLink({ url: `${webSettings().API_URL}/trpc` })],
  });
}

/** Every model's card; `null` when the API does not answer. */
export async function modelCards(): Promise<ModelCard[] | null> {
  try {
    return (await serverTrpc().models.list.query(undefined, { signal: AbortSignal.timeout(4000) }))
      .models;
  } catch {
    return null;
  }
}
