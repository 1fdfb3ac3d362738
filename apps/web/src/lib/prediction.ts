/** One row's answer: the class, its label, every class's probability and the largest of them. */
export interface Prediction {
  readonly class: number;
  readonly label: string;
  readonly proba: readonly number[];
  readonly confidence: number;
}

/** One prediction's answer with the model that gave it. */
export interface PredictResult extends Prediction {
  readonly model_used: string;
  readonly model_version: string;
  readonly processing_time_ms: number;
}

/** Shapley values of one answer: for every class, `base` and the contributions sum to `proba`. */
export interface Explanation {
  readonly proba: readonly number[];
  readonly base: readonly number[];
  /** By feature name, one number a class. */
  readonly contributions: Readonly<Record<string, readonly number[]>>;
}
