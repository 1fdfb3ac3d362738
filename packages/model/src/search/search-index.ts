import { setImmediate as nextTurn } from "node:timers/promises";
import { shortestFloat32 } from "@sepal/schema/float32";
import type { z } from "zod";
import type { indexFile } from "../manifest.ts";

/** A row of the index that is like a text. */
export interface Neighbour {
  readonly text: string;
  /** What the row is called, where the index says it. */
  readonly label?: string | undefined;
  /** Cosine of its vector and the text's, from -1 to 1. */
  readonly score: number;
}

/** Products between two yields to the event loop: less than a millisecond. */
const SLICE_PRODUCTS = 2 ** 20;

function lengthOf(vector: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < vector.length; index += 1) sum += (vector[index] ?? 0) ** 2;
  return Math.sqrt(sum);
}

/** The vectors with the length 1, in place; one of length 0 stays. */
function normalise(vectors: Float32Array, dimensions: number): void {
  for (let start = 0; start < vectors.length; start += dimensions) {
    const row = vectors.subarray(start, start + dimensions);
    const length = lengthOf(row);
    if (length === 0) continue;
    for (let index = 0; index < dimensions; index += 1) row[index] = (row[index] ?? 0) / length;
  }
}

/** The scalar product of a vector and the part of others that begins at `start`; in four sums, of which none waits for another. */
function productOf(query: Float64Array, units: Float32Array, start: number): number {
  const { length } = query;
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const at = start + index;
    first += (query[index] ?? 0) * (units[at] ?? 0);
    second += (query[index + 1] ?? 0) * (units[at + 1] ?? 0);
    third += (query[index + 2] ?? 0) * (units[at + 2] ?? 0);
    fourth += (query[index + 3] ?? 0) * (units[at + 3] ?? 0);
  }
  for (; index < length; index += 1) first += (query[index] ?? 0) * (units[start + index] ?? 0);
  return first + second + (third + fourth);
}

/** The rows that a version of an embedding searches, with their vectors in memory. */
export class SearchIndex {
  readonly #rows: z.infer<typeof indexFile>["rows"];
  /** `[rows, dimensions]`. */
  readonly #units: Float32Array;
  readonly #dimensions: number;

  /** Fails where the vectors are not as many, or not as long, as the rows and the contract say. */
  constructor({ rows, vectors }: z.infer<typeof indexFile>, dimensions: number) {
    const bytes = Buffer.from(vectors, "base64");
    const expected = rows.length * dimensions * Float32Array.BYTES_PER_ELEMENT;
    if (bytes.length !== expected) {
      throw new Error(
        `index.json has ${bytes.length} bytes of vectors; ${rows.length} rows of ${dimensions} float32 take ${expected}`,
      );
    }
    this.#rows = rows;
    this.#dimensions = dimensions;
    // A copy: the bytes may begin where no float32 can.
    this.#units = new Float32Array(new Uint8Array(bytes).buffer);
    if (!this.#units.every(Number.isFinite)) {
      throw new Error("index.json has a vector with a number that is not finite");
    }
  }

  /** Rows that are searched. */
  get size(): number {
    return this.#rows.length;
  }

  /** A row with its vector as the file has it; only before {@link ready}. */
  row(index: number): { readonly text: string; readonly vector: Float32Array } {
    const start = index * this.#dimensions;
    const vector = this.#units.slice(start, start + this.#dimensions);
    return { text: this.#rows[index]?.text ?? "", vector };
  }

  /** Makes the index ready for searches. */
  ready(): this {
    normalise(this.#units, this.#dimensions);
    return this;
  }

  /**
   * The rows whose vectors point most nearly where this one does, nearest first, every row compared; none for a vector of
   * zeros, which points nowhere: the model knows nothing of its text.
   */
  async nearest(vector: readonly number[], most: number): Promise<Neighbour[]> {
    const dimensions = this.#dimensions;
    const units = this.#units;
    const query = Float64Array.from(vector);
    const length = lengthOf(query);
    if (length === 0) return [];
    const found: { readonly row: number; readonly score: number }[] = [];
    let least = -Infinity;
    const slice = Math.max(1, Math.floor(SLICE_PRODUCTS / dimensions));
    for (let row = 0; row < this.#rows.length; row += 1) {
      if (row > 0 && row % slice === 0) await nextTurn();
      const product = productOf(query, units, row * dimensions);
      if (product <= least && found.length === most) continue;
      const place = found.findLastIndex(({ score }) => score >= product) + 1;
      found.splice(place, 0, { row, score: product });
      if (found.length > most) found.pop();
      if (found.length === most) least = found.at(-1)?.score ?? least;
    }
    return found.map(({ row, score }) => {
      const { text, label } = this.#rows[row] ?? { text: "" };
      const cosine = Math.min(1, Math.max(-1, score / length));
      const rounded = shortestFloat32(Math.fround(cosine));
      return label === undefined ? { text, score: rounded } : { text, score: rounded, label };
    });
  }
}
