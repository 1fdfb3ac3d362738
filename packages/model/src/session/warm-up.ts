import type { InferenceSession } from "./inference-session.ts";
import { orderColumn, runTogether, type RowOrder } from "./model-run.ts";
import type { Manifest } from "../manifest.ts";

/** The middle value, the upper of the two middle ones; 0 without any. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const REPEATS = 5;

/** A run to time: what gives a `[n, width]` tensor for each repeat, and the order in which its rows are run. */
type Candidate = readonly [features: () => Float32Array, order: RowOrder | null];

/** Milliseconds that each run computes: medians of five, taken in turn, so that a slow moment of the machine meets all. */
async function medianTimes(
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

/** Rows of the run that {@link batchingPays} compares with a run of one row. */
const BATCH_ROWS = 32;

/** Measures whether a run of 32 rows costs less than 32 times a run of one row. */
export async function batchingPays(
  session: InferenceSession,
  row: readonly number[],
): Promise<boolean> {
  const width = row.length;
  const one = Float32Array.from(row);
  const many = Float32Array.from(
    { length: BATCH_ROWS * width },
    (_, index) => row[index % width] ?? 0,
  );
  const [single = 0, batched = 0] = await medianTimes(session, width, [
    [() => one, null],
    [() => many, null],
  ]);
  return batched < single * BATCH_ROWS;
}

/** Rows of a run by which an order is measured. */
const ORDER_ROWS = 512;

/** Golden rows that are taken, the first: those of the data set, which the rows of clients are like. */
const CENTRES = 128;

/** How far the rows of a run lie from a golden one, in standard deviations of the feature. */
const SPREAD = 0.3;

/** Share of another run's time below which a run is worth it. */
const WORTH = 0.8;

type Features = Manifest["features"];

/**
 * What gives `[512, width]` rows around the first golden ones, each time others: a processor learns its way through
 * rows that it meets again, and clients do not send those.
 */
function rowsAround(golden: readonly (readonly number[])[], features: Features) {
  const centres = golden.slice(0, CENTRES);
  const row = () => {
    const centre = centres[Math.floor(Math.random() * centres.length)] ?? [];
    return features.map(({ std }, column) => {
      return (centre[column] ?? 0) + (Math.random() - 0.5) * SPREAD * std;
    });
  };
  return () => Float32Array.from(Array.from({ length: ORDER_ROWS }, row).flat());
}

/**
 * Measures in which order a model runs rows faster than in their own; `null` where none is worth it.
 *
 * Where rows differ, a processor guesses the branches of a forest wrong, and right where each row goes the way of the one
 * before: 0.47 instead of 0.91 µs a row of 50 trees. A network takes the same time for all.
 */
export async function orderThatPays(
  session: InferenceSession,
  golden: readonly (readonly number[])[],
  features: Features,
): Promise<RowOrder | null> {
  const width = features.length;
  const mixed = rowsAround(golden, features);
  const same = () => mixed().map((_, position, rows) => rows[position % width] ?? 0);
  const [different = 0, alike = 0] = await medianTimes(session, width, [
    [mixed, null],
    [same, null],
  ]);
  if (alike >= different * WORTH) return null;
  const columns = features.map((feature, index) => orderColumn(index, feature));
  const alone = await medianTimes(
    session,
    width,
    columns.map((column) => [mixed, [column, column]]),
  );
  const ranked = columns.toSorted((a, b) => (alone[a.index] ?? 0) - (alone[b.index] ?? 0));
  const [first, second = first] = ranked;
  if (first === undefined || second === undefined) return null;
  const order = [first, second] as const;
  const [before = 0, after = 0] = await medianTimes(session, width, [
    [mixed, null],
    [mixed, order],
  ]);
  return after < before * WORTH ? order : null;
}
