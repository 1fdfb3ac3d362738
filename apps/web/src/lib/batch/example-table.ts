import type { Contract } from "@sepal/schema/define-contract";
import { csvLine } from "./csv-text.ts";

/** Mistakes that real files have, one for each row that gets one. */
const MISTAKES = ["", "-1", "n/a", "NaN", "1e39", "=1+1"];
/** One row in this many gets a mistake, when mistakes are asked for. */
const MISTAKE_EVERY = 50;
/** Spread around a training row, as a share of the feature's range. */
const SPREAD = 0.04;

interface ExampleOptions {
  readonly contract: Contract;
  /** Training rows, `[n, features]`. */
  readonly background: readonly (readonly number[])[];
  readonly rows: number;
  readonly mistakes: boolean;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
}

/** A CSV file of rows that resemble the training data, some lines at a time. */
export function* exampleTable(options: ExampleOptions): Generator<string> {
  const { contract, background, rows, mistakes, random } = options;
  const names = contract.features.map(({ name }) => name);
  const columns = names.map((_, index) => background.map((row) => row[index] ?? 0));
  const lowest = columns.map((values) => Math.min(...values));
  const spread = columns.map(
    (values, index) => SPREAD * (Math.max(...values) - (lowest[index] ?? 0)),
  );
  yield csvLine(["id", ...names]);
  for (let row = 1; row <= rows; row += 1) {
    const base = background[Math.floor(random() * background.length)] ?? [];
    const cells: (string | number)[] = base.map((value, index) => {
      const moved = value + (2 * random() - 1) * (spread[index] ?? 0);
      return Math.max(lowest[index] ?? moved, moved).toFixed(2);
    });
    if (mistakes && row % MISTAKE_EVERY === 0) {
      const which = Math.floor(random() * cells.length);
      cells[which] = MISTAKES[(row / MISTAKE_EVERY) % MISTAKES.length] ?? "";
    }
    yield csvLine([row, ...cells]);
  }
}
