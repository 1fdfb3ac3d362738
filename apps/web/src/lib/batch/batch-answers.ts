interface Prediction {
  readonly class: number;
  readonly proba: readonly number[];
  readonly confidence: number;
}

/** The answers of a table's rows, kept as numbers. */
export class BatchAnswers {
  readonly #classes: number;
  readonly #known: Uint8Array;
  readonly #class: Uint8Array;
  readonly #confidence: Float64Array;
  readonly #proba: Float64Array;
  /** Rows with an answer. */
  answered = 0;
  /** Rows answered, by class. */
  readonly byClass: number[];

  constructor(rows: number, classes: number) {
    this.#classes = classes;
    this.byClass = Array.from({ length: classes }, () => 0);
    this.#known = new Uint8Array(rows);
    this.#class = new Uint8Array(rows);
    this.#confidence = new Float64Array(rows);
    this.#proba = new Float64Array(rows * classes);
  }

  /** Keeps the answer of a row; the first one stays. */
  record(row: number, { class: index, confidence, proba }: Prediction): void {
    if (this.has(row)) return;
    this.#known[row] = 1;
    this.#class[row] = index;
    this.#confidence[row] = confidence;
    this.#proba.set(proba, row * this.#classes);
    this.answered += 1;
    this.byClass[index] = (this.byClass[index] ?? 0) + 1;
  }

  /** Whether a row is answered. */
  has(row: number): boolean {
    return this.#known[row] === 1;
  }

  /** The answer of a row; `null` when it has none. */
  get(row: number): Prediction | null {
    if (!this.has(row)) return null;
    const from = row * this.#classes;
    return {
      class: this.#class[row] ?? 0,
      confidence: this.#confidence[row] ?? 0,
      proba: [...this.#proba.subarray(from, from + this.#classes)],
    };
  }
}
