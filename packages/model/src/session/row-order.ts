/** A column of `[n, width]` features, cut into {@link LEVELS} levels: those below `min` are the first. */
interface OrderColumn {
  readonly index: number;
  readonly min: number;
  /** Levels per unit of the feature. */
  readonly scale: number;
}

/** The two columns by whose levels rows are put together, the first before the second. */
export type RowOrder = readonly [OrderColumn, OrderColumn];

/** Levels of a column; with 8, rows of iris gain 5 % less (record 25). */
const LEVELS = 16;

/** The levels of a column between two values that it commonly has. */
export function orderColumn(
  index: number,
  { min, max }: { min: number; max: number },
): OrderColumn {
  return { index, min, scale: max > min ? LEVELS / (max - min) : 0 };
}

/** Rows in another order, and where each of them came to stand. */
export interface PlacedRows {
  readonly features: Float32Array;
  /** `[n]`: the place of each row. */
  readonly places: Uint32Array;
}

/** Level of a value; what is no number is of the first. */
function levelOf(value: number, { min, scale }: OrderColumn): number {
  return Math.max(0, Math.min(LEVELS - 1, (value - min) * scale)) | 0;
}

/** Puts rows that are alike next to each other, in time linear in their number. */
export function putTogether(
  features: Float32Array,
  width: number,
  [first, second]: RowOrder,
): PlacedRows {
  const rows = features.length / width;
  const keys = new Uint8Array(rows);
  const next = new Uint32Array(LEVELS * LEVELS + 1);
  for (let row = 0; row < rows; row += 1) {
    const start = row * width;
    const high = levelOf(features[start + first.index] ?? 0, first);
    const key = high * LEVELS + levelOf(features[start + second.index] ?? 0, second);
    keys[row] = key;
    next[key + 1] = (next[key + 1] ?? 0) + 1;
  }
  for (let key = 0; key < LEVELS * LEVELS; key += 1) {
    next[key + 1] = (next[key + 1] ?? 0) + (next[key] ?? 0);
  }
  const placed = new Float32Array(features.length);
  const places = new Uint32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const key = keys[row] ?? 0;
    const place = next[key] ?? 0;
    next[key] = place + 1;
    places[row] = place;
    for (let column = 0; column < width; column += 1) {
      placed[place * width + column] = features[row * width + column] ?? Number.NaN;
    }
  }
  return { features: placed, places };
}
