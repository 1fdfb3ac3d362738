import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";

const model = fileURLToPath(new URL("../../../models/iris-forest/1/model.onnx", import.meta.url));

/** One row's answer; `proba` is `[classes]`. */
export interface Prediction {
  readonly class: number;
  readonly label: string;
  readonly proba: number[];
  readonly confidence: number;
}

const LABELS = ["setosa", "versicolor", "virginica"];

/** Reads the forest from disk into a session. */
export function openForest(): Promise<InferenceSession> {
  return InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
}

/** Answers `[n, 4]` rows with one run of a session. */
export async function predictWith(
  session: InferenceSession,
  rows: readonly (readonly number[])[],
): Promise<Prediction[]> {
  const features = Float32Array.from(rows.flat());
  const outputs = await session.run({
    features: new Tensor("float32", features, [rows.length, 4]),
  });
  const classes = outputs["class"]?.data;
  const proba = outputs["proba"]?.data;
  if (!(classes instanceof BigInt64Array) || !(proba instanceof Float32Array)) {
    throw new TypeError("the model answered other tensors than expected");
  }
  return rows.map((_, row) => {
    const chosen = Number(classes[row]);
    const probabilities = Array.from(proba.subarray(row * 3, row * 3 + 3));
    return {
      class: chosen,
      label: LABELS[chosen] ?? "",
      proba: probabilities,
      confidence: Math.max(...probabilities),
    };
  });
}
