import { decodeRow } from "@sepal/model/session/decode";
import { test } from "vitest";
import { RowEncoder } from "./encode-batch.ts";

const LABELS = ["setosa", "versicolor", "virginica"];
const ROWS = 1000;

function resultOf(proba: (row: number) => number) {
  const first = Array.from({ length: ROWS }, (_, row) => proba(row));
  return {
    classes: BigInt64Array.from({ length: ROWS }, () => 0n),
    proba: Float32Array.from(first.flatMap((value) => [value, 1 - value, 0])),
  };
}

test.for<[string, ReturnType<typeof resultOf>]>([
  ["forest", resultOf((row) => (row % 51) / 50)],
  ["neural network", resultOf((row) => (row + 0.37) / (ROWS + 1))],
])("1,000 rows of a %s to text", async ([, result], { bench }) => {
  const encoder = new RowEncoder(LABELS);
  await bench.compare(
    bench("row encoder", () => void encoder.encode(result, ROWS)),
    bench("an object a row and JSON.stringify", () => {
      const rows = Array.from({ length: ROWS }, (_, row) => {
        const { class: predicted, proba, confidence } = decodeRow(result, row, 3);
        return { class: predicted, label: LABELS[predicted], proba, confidence };
      });
      JSON.stringify(rows);
    }),
  );
});
