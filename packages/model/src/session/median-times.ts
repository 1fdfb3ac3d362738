import type { InferenceSession } from "./inference-session.ts";
import { median } from "./median.ts";
import type { RowOrder } from "./row-order.ts";
import { runTogether } from "./run-together.ts";

const REPEATS = 5;

/** A run to time: what gives a `[n, width]` tensor for each repeat, and the order in which its rows are run. */
export type Candidate = readonly [features: () => Float32Array, order: RowOrder | null];

/** Milliseconds that each run computes: medians of five, taken in turn, so that a slow moment of the machine meets all. */
export async function medianTimes(
  session: InferenceSession,
  width: number,
  candidates: readonly Candidate[],
): Promise<number[]> {
  const times = candidates.map((): number[] => []);
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    for (const [candidate, [features, order]] of candidates.entries()) {
      const { started, ended } = await runTogether(session, features(), width, order);
      times[candidate]?.push(ended - started);
    }
  }
  return times.map(median);
}
