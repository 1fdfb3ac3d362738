"use client";

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Contract } from "@sepal/schema/define-contract";
import type { Target } from "@/lib/ask-models.ts";
import { contractClient, type Prediction } from "@/lib/contract-client.ts";
import { trpc } from "@/lib/trpc.ts";

interface BatchQuestion<T> {
  /** Says what the rows are, for the cache. */
  readonly key: readonly unknown[];
  readonly contract: Contract;
  readonly target: Target;
  readonly rows: () => readonly (readonly number[])[];
  readonly select: (predictions: Prediction[]) => T;
}

/** A query for many rows in one call, kept for as long as the page lives. */
export function batchQuery<T>({ key, contract, target, rows, select }: BatchQuestion<T>) {
  const queryKey = [contract.name, target, ...key] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }) => {
      const asked = rows();
      const { predictions } = await contractClient(trpc, contract).predictBatch.mutate(
        { rows: asked, ...target },
        { signal },
      );
      return select(predictions);
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}
