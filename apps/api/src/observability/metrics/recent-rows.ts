/** Rows that are kept. */
const CAPACITY = 2048;

/** Executions closer than this, in milliseconds, are left out: at full load the rows still span minutes. */
const LEAST_INTERVAL_MS = 50;

/** The last rows that a model version was asked, sampled. */
export class RecentRows {
  readonly #width: number;
  readonly #rows: Float32Array;
  #next = 0;
  #count = 0;
  #lastTaken = -Infinity;

  constructor(width: number) {
    this.#width = width;
    this.#rows = new Float32Array(CAPACITY * width);
  }

  /** Rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Takes `[n, width]` rows, unless some were taken just before. */
  take(sample: Float32Array, now: number): void {
    if (now - this.#lastTaken < LEAST_INTERVAL_MS) return;
    this.#lastTaken = now;
    const width = this.#width;
    for (let start = 0; start + width <= sample.length; start += width) {
      this.#rows.set(sample.subarray(start, start + width), this.#next * width);
      this.#next = (this.#next + 1) % CAPACITY;
      this.#count = Math.min(this.#count + 1, CAPACITY);
    }
  }

  /** The kept values of one feature. */
  *column(index: number): Generator<number> {
    for (let row = 0; row < this.#count; row += 1) {
      yield this.#rows[row * this.#width + index] ?? Number.NaN;
    }
  }
}
