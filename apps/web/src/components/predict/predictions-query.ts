"use client";

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Contract } from "@sepal/schema/define-contract";
import type { Prediction } from "@/lib/contract-client.ts";
import { predictRows } from "@/lib/evaluator/page-evaluator.ts";
import type { Target } from "@/lib/predictor.ts";
import type { Row } from "@/lib/row.ts";

interface RowsQuestion<T> {
  /** Says what the rows are, for the cache. */
  readonly key: readonly unknown[];
  readonly contract: Contract;
  readonly target: Target;
  readonly rows: () => readonly Row[];
  readonly select: (predictions: Prediction[]) => T;
}

/** A query for the predictions of many rows, kept for as long as the page lives. */
export function predictionsQuery<T>({ key, contract, target, rows, select }: RowsQuestion<T>) {
  const queryKey = [contract.name, target, ...key] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }) => select(await predictRows(contract, target, rows(), signal)),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}
