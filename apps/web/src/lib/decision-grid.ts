import type { NumberField } from "./feature-range.ts";
import type { Prediction } from "./contract-client.ts";
import type { Row } from "./row.ts";

/** Most cells on each side of a grid that the server predicts. */
const GRID_SIZE = 48;

/** The same where the page computes it. */
const FINE_GRID_SIZE = 96;

/** Most values in the rows of a grid, so that its request stays below the server's limit. */
const MOST_VALUES = 500_000;

/** Cells on each side of a grid over rows of so many features; `fine` where the page computes it. */
export function gridSize(features: number, fine = false): number {
  const most = fine ? FINE_GRID_SIZE : GRID_SIZE;
  return Math.min(most, Math.floor(Math.sqrt(MOST_VALUES / features)));
}

/** Predicted classes over two features, `[size, size]` from the bottom row up; `confidence` is `null` without probabilities. */
export interface DecisionGrid {
  readonly size: number;
  readonly classes: readonly number[];
  readonly confidence: readonly number[] | null;
}

/** A predicted number over two features, `[size, size]` from the bottom row up. */
export interface ValueGrid {
  readonly size: number;
  readonly values: readonly number[];
}

/** The value at the middle of a cell. */
function cellCentre({ min, max }: NumberField, index: number, size: number): number {
  return min + ((index + 0.5) / size) * (max - min);
}

/** What a cell stands for in a request: its middle, of integers the nearest whole number. */
function cellValue(field: NumberField, index: number, size: number): number {
  const centre = cellCentre(field, index, size);
  return field.feature.type === "integer" ? Math.round(centre) : centre;
}

/** Two features of a row: their places and fields. */
export interface Axes {
  readonly x: number;
  readonly y: number;
  readonly fieldX: NumberField;
  readonly fieldY: NumberField;
}

/** The rows to predict for a grid over two features; the others stay as in `features`. */
export function gridRows(features: Row, { x, y, fieldX, fieldY }: Axes, size: number): Row[] {
  return Array.from({ length: size * size }, (_, cell) => {
    const row = [...features];
    row[y] = cellValue(fieldY, Math.floor(cell / size), size);
    row[x] = cellValue(fieldX, cell % size, size);
    return row;
  });
}

/** The grid of the predictions of {@link gridRows}. */
export function toGrid(predictions: readonly Prediction[]): DecisionGrid {
  const found = predictions.flatMap((prediction) => ("class" in prediction ? [prediction] : []));
  const confidence = found.flatMap((prediction) => prediction.confidence ?? []);
  return {
    size: Math.sqrt(predictions.length),
    classes: found.map((prediction) => prediction.class),
    confidence: confidence.length === found.length ? confidence : null,
  };
}

/** The grid of one target of the predictions of {@link gridRows}. */
export function toValueGrid(predictions: readonly Prediction[], target: string): ValueGrid {
  const values = predictions.flatMap((prediction) =>
    "values" in prediction ? [prediction.values[target] ?? Number.NaN] : [],
  );
  return { size: Math.sqrt(predictions.length), values };
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
export function borderPath({ size, classes }: Pick<DecisionGrid, "size" | "classes">): string {
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
