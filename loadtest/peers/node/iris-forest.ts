import { openForest, predictWith, type Prediction } from "./forest-session.ts";

const session = await openForest();

/** Answers `[n, 4]` rows with one run of ONNX Runtime, on a forest that was read once. */
export function predictRows(rows: readonly (readonly number[])[]): Promise<Prediction[]> {
  return predictWith(session, rows);
}
