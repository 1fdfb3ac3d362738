import { isTextRow, type ModelRow } from "@sepal/schema/row-encoding";

/** What a run is given: numbers `[n, width]`, row after row, or the texts of a contract of texts, `[n]`. */
export type ModelInput = Float32Array<ArrayBuffer> | readonly string[];

/** Some rows as the tensor that a model takes. */
export function modelInput(rows: readonly ModelRow[], width: number): ModelInput {
  if (isTextRow(rows[0])) return rows.map(([text]) => String(text));
  const tensor = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries()) if (!isTextRow(row)) tensor.set(row, index * width);
  return tensor;
}
