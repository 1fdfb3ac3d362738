import { classLabels, outputShape, type Contract } from "./define-contract.ts";
import { shortestFloat32 } from "./float32.ts";
import type { PredictionOf } from "./predict.ts";
import { SepalError } from "./sepal-error.ts";

/** What a model computed for `n` rows. */
export interface InferenceResult {
  /** Class indices `[n]`; empty for a regression. */
  readonly classes: BigInt64Array;
  /** Probabilities `[n, classes]`, targets `[n, targets]` or vectors `[n, dimensions]`, row after row; empty for labels alone. */
  readonly values: Float32Array;
}

function notANumber(): SepalError {
  return new SepalError("internal", "the model returned no finite number");
}

function classOf(result: InferenceResult, row: number, classes: number): number {
  const index = Number(result.classes[row]);
  if (index >= 0 && index < classes) return index;
  throw new SepalError("internal", `the model predicted class ${index}`);
}

/** Numbers of one row, each the shortest decimal of its float32. */
function rowValues({ values }: InferenceResult, row: number, width: number): number[] {
  const numbers: number[] = [];
  for (let index = row * width; index < (row + 1) * width; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (!Number.isFinite(value)) throw notANumber();
    numbers.push(shortestFloat32(value));
  }
  return numbers;
}

/** Reads one row of a result as responses show it; a value that is no number, or a class that is none, is a fault of the model. */
export type PredictionReader<C extends Contract> = (
  result: InferenceResult,
  row: number,
) => PredictionOf<C>;

function readerOf(contract: Contract): (result: InferenceResult, row: number) => object {
  if (contract.task === "regression") {
    const names = contract.targets.map(({ name }) => name);
    return (result, row) => {
      const numbers = rowValues(result, row, names.length);
      return { values: Object.fromEntries(names.map((name, index) => [name, numbers[index]])) };
    };
  }
  if (contract.task === "embedding") {
    const { dimensions } = contract;
    return (result, row) => ({ embedding: rowValues(result, row, dimensions), dimensions });
  }
  const { classes } = contract;
  const { length } = classes;
  if (contract.probabilities === false) {
    return (result, row) => {
      const index = classOf(result, row, length);
      return { class: index, label: classes[index] };
    };
  }
  return (result, row) => {
    const proba = rowValues(result, row, length);
    let confidence = 0;
    for (const value of proba) if (value > confidence) confidence = value;
    const index = classOf(result, row, length);
    return { class: index, label: classes[index], proba, confidence };
  };
}

/** Makes what reads the predictions of a contract off a result. */
export function predictionReader<C extends Contract>(contract: C): PredictionReader<C> {
  // The shape follows from the contract, as the type does.
  return readerOf(contract) as PredictionReader<C>;
}

/** Probabilities, targets or vector of a prediction, in the order of the model's output; none of a label alone. */
export function numbersOf(prediction: PredictionOf<Contract>): readonly number[] {
  if ("values" in prediction) return Object.values(prediction.values);
  if ("embedding" in prediction) return prediction.embedding;
  return "proba" in prediction ? (prediction.proba ?? []) : [];
}

/** Fails as a reader would for any of the first `rows` rows, without making their predictions. */
export function mustBePredictions(result: InferenceResult, rows: number, contract: Contract): void {
  const { hasClass, width } = outputShape(contract);
  for (let index = 0; index < rows * width; index += 1) {
    if (!Number.isFinite(result.values[index])) throw notANumber();
  }
  if (!hasClass) return;
  const { length } = classLabels(contract);
  for (let row = 0; row < rows; row += 1) classOf(result, row, length);
}
