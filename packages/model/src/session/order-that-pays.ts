import type { InferenceSession } from "./inference-session.ts";
import type { Manifest } from "../manifest.ts";
import { medianTimes } from "./median-times.ts";
import { orderColumn, type RowOrder } from "./row-order.ts";

/** Rows of a measured run. */
const ROWS = 512;

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
  return () => Float32Array.from(Array.from({ length: ROWS }, row).flat());
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
