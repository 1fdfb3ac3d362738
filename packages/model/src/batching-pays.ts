import type { InferenceSession } from "./inference-session.ts";
import { timedRun } from "./timed-run.ts";

const ROWS = 32;
const REPEATS = 5;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function computeMs(session: InferenceSession, features: Float32Array, width: number) {
  const { started, ended } = await timedRun(session, features, width);
  return ended - started;
}

/** Measures at warm-up whether a run of 32 rows costs less than 32 times a run of one row, by the medians of five each. */
export async function batchingPays(
  session: InferenceSession,
  row: readonly number[],
): Promise<boolean> {
  const width = row.length;
  const one = Float32Array.from(row);
  const many = Float32Array.from({ length: ROWS * width }, (_, index) => row[index % width] ?? 0);
  const single: number[] = [];
  const batched: number[] = [];
  // Taken in turn, so that a slow moment of the machine meets both.
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    single.push(await computeMs(session, one, width));
    batched.push(await computeMs(session, many, width));
  }
  return median(batched) < median(single) * ROWS;
}
