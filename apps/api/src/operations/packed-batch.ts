import type { ModelChoice } from "@sepal/schema/predict";

/** A checked batch whose rows are packed. */
export interface PackedBatch extends ModelChoice {
  readonly kind: "readRows";
  /** `[n, features]`. */
  readonly rows: Float32Array<ArrayBuffer>;
  readonly batch_size: number | undefined;
}
