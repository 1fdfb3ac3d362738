import type { Manifest } from "../manifest.ts";
import { backgroundSize } from "./background-size.ts";

/** Most rows that one explanation may take: 0.1 s of a forest of 50 trees. */
const MAX_EXPLANATION_ROWS = 200_000;

/** Rows that every coalition of the features makes with every background row. */
export function coalitionCost(features: number, backgroundRows: number): number {
  return 2 ** features * backgroundRows;
}

/** Why a model's answers are not explained, or `null` where they are. */
export function explainRefusal({ features, training }: Manifest): string | null {
  const rows = backgroundSize(training.rows);
  const cost = coalitionCost(features.length, rows);
  if (cost <= MAX_EXPLANATION_ROWS) return null;
  return `exact Shapley values take every coalition of ${features.length} features against ${rows} training rows: ${cost} rows, more than ${MAX_EXPLANATION_ROWS}`;
}
