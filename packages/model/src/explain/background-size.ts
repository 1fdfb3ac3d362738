/** Most rows a background holds. */
const MAX_BACKGROUND_ROWS = 500;

/** How many rows are kept of a data set of `total` rows. */
export function backgroundSize(total: number): number {
  return Math.min(total, MAX_BACKGROUND_ROWS);
}
