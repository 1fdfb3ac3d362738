import type { ModelRow } from "@sepal/schema/row-encoding";
import type { InferenceSession } from "./inference-session.ts";
import { modelInput } from "./model-input.ts";

/** The middle value, the upper of the two middle ones; 0 without any. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const REPEATS = 5;

/** Rows of the run that {@link batchingPays} compares with a run of one row. */
const BATCH_ROWS = 32;

/** Measures whether a run of 32 rows costs less than 32 times a run of one row: medians of five, taken in turn. */
export async function batchingPays(session: InferenceSession, row: ModelRow): Promise<boolean> {
  const width = row.length;
  const one = modelInput([row], width);
  const many = modelInput(
    Array.from({ length: BATCH_ROWS }, () => row),
    width,
  );
  const singles: number[] = [];
  const batches: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const [rows, times] of [
      [one, singles],
      [many, batches],
    ] as const) {
      const { started, ended } = await session.run(rows, width);
      times.push(ended - started);
    }
  }
  return median(batches) < median(singles) * BATCH_ROWS;
}
