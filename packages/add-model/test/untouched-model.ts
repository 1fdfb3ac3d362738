import { readFile } from "node:fs/promises";
import type { ForeignTensor } from "@sepal/model/session/inference-session";
import { cutEnds } from "../src/onnx/model-signature.ts";
import { onnxBytes, readOnnx } from "../src/onnx/onnx-model.ts";
import { openModel } from "../src/onnx/run-model.ts";

/** A value of a row; a missing text is empty in some cases. */
export type Value = string | number | boolean | null;

const inRows = <T>(data: readonly T[], rows: number): T[][] =>
  Array.from({ length: rows }, (_, row) =>
    data.slice((row * data.length) / rows, ((row + 1) * data.length) / rows),
  );

/**
 * The numbers that ONNX Runtime gives for rows with the file as it is, but for the ZipMap that keeps an export of DOUBLE
 * from opening: of models with one numeric input alone.
 */
export async function untouched(
  path: string,
  rows: readonly (readonly Value[])[],
): Promise<readonly (readonly number[])[]> {
  const model = await openModel(onnxBytes(cutEnds(readOnnx(await readFile(path), path))), path);
  try {
    const [input, another] = model.inputs;
    if (input === undefined || another !== undefined) throw new Error(`${path}: several inputs`);
    const dims = [rows.length, rows[0]?.length ?? 0];
    const feed: ForeignTensor = { datatype: input.datatype, dims, data: rows.flat().map(Number) };
    const given = Object.values(await model.run({ [input.name]: feed }));
    const numbers = given.find(({ datatype }) => datatype === "FP32" || datatype === "float64");
    return inRows((numbers?.data ?? []).map(Number), rows.length);
  } finally {
    await model.release();
  }
}
