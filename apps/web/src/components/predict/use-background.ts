"use client";

import type { ModelBackground } from "@sepal/schema/model-card";
import { useQuery } from "@tanstack/react-query";
import { credentialHeaders } from "@/lib/credentials.ts";
import { PATH_PREFIX } from "@/lib/path-prefix.ts";

async function fetchBackground(
  model: string,
  signal: AbortSignal,
): Promise<ModelBackground | null> {
  const path = `/api/models/${encodeURIComponent(model)}/background`;
  const response = await fetch(`${PATH_PREFIX}${path}`, { signal, headers: credentialHeaders() });
  if (response.ok) return await response.json();
  // An unread body keeps the request open.
  await response.body?.cancel();
  if (response.status === 404 || response.status === 403) return null;
  throw new Error(`the request for training rows returned ${response.status}`);
}

/** The training rows of a model; `null` where the server does not publish them, `undefined` until they are here. */
export function useBackground(model: string, enabled = true): ModelBackground | null | undefined {
  return useQuery({
    queryKey: ["background", model],
    queryFn: ({ signal }) => fetchBackground(model, signal),
    staleTime: Infinity,
    enabled,
  }).data;
}
