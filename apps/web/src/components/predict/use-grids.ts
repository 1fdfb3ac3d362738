"use client";

import type { Contract } from "@sepal/schema/define-contract";
import { useQueries } from "@tanstack/react-query";
import type { Target } from "@/lib/predictor.ts";
import type { Prediction } from "@/lib/contract-client.ts";
import { evaluatesHere } from "@/lib/evaluator/page-evaluator.ts";
import { type Axes, gridRows, gridSize } from "@/lib/decision-grid.ts";
import type { Row } from "@/lib/row.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { predictionsQuery } from "./predictions-query.ts";

interface GridQuestion<T> {
  readonly contract: Contract;
  readonly features: Row;
  readonly models: readonly Target[];
  readonly axes: Axes;
  /** Says what `select` makes, for the cache. */
  readonly key: string;
  readonly select: (predictions: Prediction[]) => T;
}

/** What each model predicts over two features, the others as they are; `undefined` until it is computed. */
export function useGrids<T>(question: GridQuestion<T>): (T | undefined)[] {
  const { contract, features, models, axes, key, select } = question;
  const { x, y, fieldX, fieldY } = axes;
  // A map does not depend on where the point is on it.
  const others = features.with(x, 0).with(y, 0);
  const settled = useSettled(others, 120);
  // One size for all, so that maps can be compared cell by cell.
  const size = gridSize(features.length, models.every(evaluatesHere));
  const grids = useQueries({
    queries: models.map((target) =>
      predictionsQuery({
        key: [key, fieldX, fieldY, settled, size],
        contract,
        target,
        rows: () => gridRows(settled, axes, size),
        select,
      }),
    ),
  });
  return grids.map(({ data }) => data);
}
