import type { InferenceSession } from "./inference-session.ts";
import { medianTimes } from "./median-times.ts";

const ROWS = 32;

/** Measures at warm-up whether a run of 32 rows costs less than 32 times a run of one row. */
export async function batchingPays(
  session: InferenceSession,
  row: readonly number[],
): Promise<boolean> {
  const width = row.length;
  const one = Float32Array.from(row);
  const many = Float32Array.from({ length: ROWS * width }, (_, index) => row[index % width] ?? 0);
  const [single = 0, batched = 0] = await medianTimes(session, width, [
    [() => one, null],
    [() => many, null],
  ]);
  return batched < single * ROWS;
}
