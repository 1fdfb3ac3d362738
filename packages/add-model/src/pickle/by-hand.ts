import { columnCells, type CsvTable } from "../table/csv-table.ts";
import { readNumber } from "../table/feature-columns.ts";
import { findLayout } from "../table/layout.ts";

interface ByHandOptions {
  readonly target: readonly string[];
  readonly drop: readonly string[];
}

/** The type of tensor that holds a column as pandas reads it. */
function tensorType(cells: readonly string[]): string {
  if (cells.every((cell) => /^(?:true|false)$/i.test(cell.trim()))) return "BooleanTensorType";
  const isText = cells.some((cell) => cell.trim() !== "" && readNumber(cell) === undefined);
  return isText ? "StringTensorType" : "FloatTensorType";
}

/** Three lines of Python that make an ONNX file of a fitted `model`, its inputs typed as the columns of the table are. */
export function linesByHand(table: CsvTable, { target, drop }: ByHandOptions): string[] {
  const { features } = findLayout(table, [{ name: "X", datatype: "FP32", width: -1 }], {
    model: "model",
    remedy: "",
    targets: target,
    drop,
    isClass: true,
    labels: undefined,
    predicted: -1,
  });
  const typed = features.map((place) => tensorType(columnCells(table, place)));
  const columns = features.map(
    (place, index) => `(${JSON.stringify(table.headings[place])}, ${typed[index]}([None, 1]))`,
  );
  const isPlain = typed.every((type) => type === "FloatTensorType");
  const types = isPlain ? `("X", FloatTensorType([None, ${features.length}]))` : columns.join(", ");
  const names = [...new Set(typed)].toSorted().join(", ");
  return [
    `from skl2onnx import to_onnx; from skl2onnx.common.data_types import ${names}`,
    `types = [${types}]`,
    'open("model.onnx", "wb").write(to_onnx(model, initial_types=types).SerializeToString())',
  ];
}
