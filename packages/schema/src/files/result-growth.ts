import { SepalError } from "../sepal-error.ts";
import type { ScoringState } from "./file-format.ts";

/** Characters of a result, by what they are. */
export interface Growth {
  /** The input's part of each row, short rows filled up to the header's width. */
  readonly cells: number;
  /** The rest of the rows that have an error. */
  readonly errors: number;
  /** The rest of the rows that have a prediction. */
  readonly predictions: number;
}

/** How much longer than the file its cells and its errors may each become. */
const FACTOR = 16;

/** Bytes on top of that. */
const SLACK_BYTES = 2 * 2 ** 20;

function outOfProportion(rows: number, why: string): SepalError {
  const limit = `more than ${FACTOR} times as long as the file up to row ${rows}`;
  return new SepalError("invalid_input", `the result became ${limit}: ${why}`);
}

/**
 * Keeps the result of a file in proportion to the file.
 *
 * Predictions are as long as the contract makes them. Everything else is bounded: a row of one character has an error
 * of a hundred, and one that is filled up to 2,000 columns takes as many bytes.
 */
export class GrowthBound {
  readonly #from: number;
  #cells = 0;
  #errors = 0;
  #predictions = 0;

  /** `from` is the byte of the file at which this run begins. */
  constructor(from: number) {
    this.#from = from;
  }

  /** Adds a block that ends at `state`; fails with `invalid_input` where the result has become too long. */
  add(growth: Growth, { inputBytes, rows }: Pick<ScoringState, "inputBytes" | "rows">): void {
    this.#cells += growth.cells;
    this.#errors += growth.errors;
    this.#predictions += growth.predictions;
    const most = FACTOR * (inputBytes - this.#from) + SLACK_BYTES;
    if (this.#cells > most) {
      throw outOfProportion(
        rows,
        "its rows are much shorter than its header; remove the columns without cells",
      );
    }
    // Among good rows, errors may take as much as the predictions in their place would.
    if (this.#errors > most + this.#predictions) {
      throw outOfProportion(rows, "nearly every row has an error; see those of the first rows");
    }
  }
}
