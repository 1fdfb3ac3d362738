import { setImmediate as nextTurn } from "node:timers/promises";
import type { Contract } from "@sepal/schema/define-contract";
import type { PredictionOf } from "@sepal/schema/predict";
import type { GoldenRow } from "../manifest.ts";
import type { ServedModel } from "../served-model.ts";
import { numbersOf } from "@sepal/schema/prediction-reader";

/** Golden rows that also go one by one through the batcher, as requests do. */
const SINGLE_ROWS = 64;

/** Golden rows checked in one go: a server that serves meanwhile is held up a few milliseconds, not 120. */
const SLICE_ROWS = 100;

/** Characters of a golden row that a failure shows: a text may be long. */
const SHOWN_CHARACTERS = 2000;

const PROBE = { probe: true };

type Prediction = PredictionOf<Contract>;

function compare(
  expected: GoldenRow,
  prediction: Prediction,
  tolerance: number,
): string | undefined {
  const predicted = "class" in prediction ? prediction.class : undefined;
  if (predicted !== expected.class) {
    return `class ${predicted} where the trainer says ${expected.class}`;
  }
  const numbers = numbersOf(prediction);
  const what =
    expected.class !== undefined
      ? "probability of class"
      : "embedding" in prediction
        ? "number"
        : "value of target";
  for (const [index, value] of expected.values.entries()) {
    const difference = Math.abs((numbers[index] ?? Number.NaN) - value);
    if (!(difference <= tolerance * Math.max(1, Math.abs(value)))) {
      return `${what} ${index} is ${numbers[index]} where the trainer says ${value}`;
    }
  }
  return undefined;
}

function check(
  model: ServedModel,
  rows: readonly GoldenRow[],
  predictions: readonly Prediction[],
  first = 0,
) {
  for (const [index, expected] of rows.entries()) {
    const prediction = predictions[index];
    const fault =
      prediction === undefined
        ? "no prediction"
        : compare(expected, prediction, model.manifest.tolerance);
    if (fault !== undefined) {
      const shown = expected.features.join(", ").slice(0, SHOWN_CHARACTERS);
      throw new Error(`golden row ${first + index} (${shown}): ${fault}`);
    }
  }
}

async function predictOne(model: ServedModel, { features }: GoldenRow): Promise<Prediction> {
  return (await model.predict(features, PROBE)).prediction;
}

/** Verifies a model with all its golden rows, through the paths that requests take; throws at the first that differs. */
export async function verifyGolden(
  model: ServedModel,
  golden: readonly GoldenRow[],
): Promise<void> {
  for (let start = 0; start < golden.length; start += SLICE_ROWS) {
    const rows = golden.slice(start, start + SLICE_ROWS);
    const features = rows.map((row) => row.features);
    check(model, rows, await model.predictRows(features, PROBE), start);
    await nextTurn();
  }
  const singles = golden.slice(0, SINGLE_ROWS);
  check(model, singles, await Promise.all(singles.map((row) => predictOne(model, row))));
}

/** Sends one golden row through the request path; throws when the response is wrong or missing. */
export async function probe(model: ServedModel): Promise<void> {
  check(model, [model.canary], [await predictOne(model, model.canary)]);
}
