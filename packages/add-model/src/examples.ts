import { median } from "@sepal/model/session/warm-up";
import type { ColumnStatistics } from "./table/describe-column.ts";

interface Labelled {
  readonly rows: readonly (readonly number[])[];
  /** The data's own label of every row. */
  readonly labels: readonly string[];
  /** What the model calls every row. */
  readonly answers: readonly (string | undefined)[];
  readonly columns: readonly ColumnStatistics[];
}

/** Most classes that get an example of their own. */
const MOST = 6;

/** Sum of squared distances from the median, in standard deviations. */
function distance(
  row: readonly number[],
  columns: readonly ColumnStatistics[],
  centre: readonly number[],
) {
  return row.reduce((sum, value, index) => {
    const { std = 1 } = columns[index] ?? {};
    return sum + ((value - (centre[index] ?? 0)) / (std || 1)) ** 2;
  }, 0);
}

/** For each class the row of the data that is most like the others of its class, rightly answered where one is. */
export function typicalRows(
  classes: readonly string[],
  { rows, labels, answers, columns }: Labelled,
): { readonly name: string; readonly features: readonly number[] }[] {
  return classes.slice(0, MOST).flatMap((label) => {
    const own = rows.filter((_, row) => labels[row] === label);
    const right = rows.filter((_, row) => labels[row] === label && answers[row] === label);
    const candidates = right.length > 0 ? right : own;
    const centre = columns.map((_, column) => median(own.map((row) => row[column] ?? 0)));
    const ranked = candidates
      .map((row) => ({ row, far: distance(row, columns, centre) }))
      .toSorted((a, b) => a.far - b.far);
    const best = ranked[0]?.row;
    return best === undefined ? [] : [{ name: `a typical ${label}`, features: best }];
  });
}
