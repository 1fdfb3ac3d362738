import { setImmediate as nextTurn } from "node:timers/promises";
import type { Prediction } from "../session/decode.ts";
import type { GoldenRow } from "../manifest.ts";
import type { ServedModel } from "../served-model.ts";

/** Golden rows that also go one by one through the batcher, as requests do. */
const SINGLE_ROWS = 64;

/** Golden rows checked in one go: a server that serves meanwhile is held up a few milliseconds, not 120. */
const SLICE_ROWS = 100;

const PROBE = { probe: true };

function compare(expected: GoldenRow, answer: Prediction, tolerance: number): string | undefined {
  if (answer.class !== expected.class) {
    return `class ${answer.class} where the trainer says ${expected.class}`;
  }
  for (const [index, value] of expected.proba.entries()) {
    const difference = Math.abs((answer.proba[index] ?? Number.NaN) - value);
    if (!(difference <= tolerance)) {
      return `probability ${answer.proba[index]} of class ${index} where the trainer says ${value}`;
    }
  }
  return undefined;
}

function check(
  model: ServedModel,
  rows: readonly GoldenRow[],
  answers: readonly Prediction[],
  first = 0,
) {
  for (const [index, expected] of rows.entries()) {
    const answer = answers[index];
    const fault =
      answer === undefined ? "no answer" : compare(expected, answer, model.manifest.tolerance);
    if (fault !== undefined) {
      throw new Error(`golden row ${first + index} (${expected.features.join(", ")}): ${fault}`);
    }
  }
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
  check(
    model,
    singles,
    await Promise.all(singles.map((row) => model.predict(row.features, PROBE))),
  );
}

/** Sends one golden row through the request path; throws when the answer is wrong or does not come. */
export async function probe(model: ServedModel): Promise<void> {
  check(model, [model.canary], [await model.predict(model.canary.features, PROBE)]);
}
