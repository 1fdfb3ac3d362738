import { predictionReader } from "@sepal/schema/prediction-reader";
import { iris } from "@sepal/schema/contracts/iris";
import { test } from "vitest";
import { BatchEncoder } from "./encode-batch.ts";

const ROWS = 1000;

function resultOf(proba: (row: number) => number) {
  const first = Array.from({ length: ROWS }, (_, row) => proba(row));
  return {
    classes: BigInt64Array.from({ length: ROWS }, () => 0n),
    values: Float32Array.from(first.flatMap((value) => [value, 1 - value, 0])),
  };
}

test.for<[string, ReturnType<typeof resultOf>]>([
  ["forest", resultOf((row) => (row % 51) / 50)],
  ["neural network", resultOf((row) => (row + 0.37) / (ROWS + 1))],
])("1,000 rows of a %s to text", async ([, result], { bench }) => {
  const read = predictionReader(iris);
  const encoder = new BatchEncoder(iris);
  await bench.compare(
    bench("row encoder", () => void encoder.encode(result, ROWS)),
    bench("an object a row and JSON.stringify", () => {
      const rows = Array.from({ length: ROWS }, (_, row) => {
        return read(result, row);
      });
      JSON.stringify(rows);
    }),
  );
});
