import type { FeatureField } from "./feature-range.ts";
import type { Prediction } from "./contract-client.ts";

/** Cells on each side of a grid. */
export const GRID_SIZE = 48;

/** Predicted classes over two features: `classes` and `confidence` hold rows from the bottom up, `size` cells each. */
export interface DecisionGrid {
  readonly size: number;
  readonly classes: readonly number[];
  readonly confidence: readonly number[];
}

/** The value at the middle of a cell. */
function cellCentre({ min, max }: FeatureField, index: number, size = GRID_SIZE): number {
  return min + ((index + 0.5) / size) * (max - min);
}

/** The rows to predict for a grid: `x` and `y` are the features that vary, the others stay as in `features`. */
export function gridRows(
  fields: readonly FeatureField[],
  features: readonly number[],
  x: number,
  y: number,
): number[][] {
  const fieldX = fields[x];
  const fieldY = fields[y];
  if (fieldX === undefined || fieldY === undefined) return [];
  return Array.from({ length: GRID_SIZE * GRID_SIZE }, (_, cell) => {
    const row = [...features];
    row[y] = cellCentre(fieldY, Math.floor(cell / GRID_SIZE));
    row[x] = cellCentre(fieldX, cell % GRID_SIZE);
    return row;
  });
}

/** The grid of the predictions of {@link gridRows}. */
export function toGrid(predictions: readonly Prediction[]): DecisionGrid {
  return {
    size: GRID_SIZE,
    classes: predictions.map((prediction) => prediction.class),
    confidence: predictions.map(({ confidence }) => confidence),
  };
}

/** Neighbouring cells of a row that look the same. */
export interface Run {
  readonly row: number;
  readonly from: number;
  /** First cell after the run. */
  readonly to: number;
  readonly value: number;
}

/** Joins equal neighbours in each row; `value` gives what a cell looks like. */
export function runs(size: number, value: (cell: number) => number): Run[] {
  const found: Run[] = [];
  for (let row = 0; row < size; row += 1) {
    let from = 0;
    for (let column = 1; column <= size; column += 1) {
      const current = value(row * size + from);
      if (column < size && value(row * size + column) === current) continue;
      found.push({ row, from, to: column, value: current });
      from = column;
    }
  }
  return found;
}

/** Where neighbouring cells differ in class, as an SVG path in cells, the first row at the bottom. */
export function borderPath({ size, classes }: DecisionGrid): string {
  let path = "";
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const here = classes[row * size + column];
      const top = size - row - 1;
      if (column + 1 < size && classes[row * size + column + 1] !== here) {
        path += `M${column + 1} ${top}v1`;
      }
      if (row + 1 < size && classes[(row + 1) * size + column] !== here)
        path += `M${column} ${top}h1`;
    }
  }
  return path;
}

/** The cell of a class with the most room around it, for its name; `null` where a name has no room. */
export function labelCell({ size, classes }: DecisionGrid, classIndex: number): number | null {
  const room = (cell: number, step: number, limit: number) => {
    let cells = 0;
    while (cells < limit && classes[cell + (cells + 1) * step] === classIndex) cells += 1;
    return cells;
  };
  let best: number | null = null;
  let most = 1;
  for (let cell = 0; cell < classes.length; cell += 1) {
    if (classes[cell] !== classIndex) continue;
    const [row, column] = [Math.floor(cell / size), cell % size];
    const beside = Math.min(room(cell, -1, column), room(cell, 1, size - column - 1));
    const above = Math.min(room(cell, -size, row), room(cell, size, size - row - 1));
    // A name is about four times as wide as it is high.
    const space = Math.min(beside, above * 4);
    if (space > most) [best, most] = [cell, space];
  }
  return best;
}
