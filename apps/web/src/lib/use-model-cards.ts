"use client";

import type { ModelCard } from "@sepal/schema/model-card";
import { useQuery } from "@tanstack/react-query";
import { trpc } from "./trpc.ts";

/** Every model's card, from the page's first response or, once the server is back, from the server. */
export function useModelCards(initial: readonly ModelCard[] | null): readonly ModelCard[] {
  const { data } = useQuery({
    queryKey: ["model-cards"],
    queryFn: async ({ signal }): Promise<readonly ModelCard[]> =>
      (await trpc.models.list.query(undefined, { signal })).models,
    ...(initial === null ? {} : { initialData: initial }),
  });
  return data ?? [];
}
