import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { untouched, type Value } from "../../../../packages/add-model/test/untouched-model.ts";

/** What is expected of a row: probabilities, a label, or one or several numbers. */
type Expected = string | number | readonly number[];

/** An exported model `<folder>/<name>.onnx` with the table `<name>.csv`, and what is expected of it. */
export interface ExportedCase {
  readonly name: string;
  readonly model: string;
  readonly table: string;
  /** Arguments of models:add. */
  readonly args: readonly string[];
  readonly kind: "proba" | "label" | "reg" | "embedding" | "cluster" | "multilabel";
  /** Rows as a request has them. */
  readonly rows: readonly (readonly Value[])[];
  readonly expected: readonly Expected[];
  /** Whose predictions are expected. */
  readonly source: "library" | "ONNX Runtime";
}

/** What `test.json` holds. */
interface CaseFile {
  /** Absent where the model is to be refused. */
  readonly rows?: readonly (readonly Value[])[];
  readonly expect?: readonly Expected[];
  readonly kind: ExportedCase["kind"];
  readonly args?: readonly string[];
}

/** Rows of numbers of a table, without its last column. */
async function tableRows(path: string): Promise<number[][]> {
  const [, ...lines] = (await readFile(path, "utf8")).trim().split(/\r?\n/);
  return lines.map((line) => line.split(",").slice(0, -1).map(Number));
}

/** Reads a case; without `test.json` the untouched file is what a model has to agree with. */
export async function readCase(folder: string, name: string): Promise<ExportedCase> {
  const file = (suffix: string) => join(folder, name, suffix);
  const [model, table] = [file(`${name}.onnx`), file(`${name}.csv`)];
  const data = file(`${name}.onnx.data`);
  const external = existsSync(data) ? ["--external", data] : [];
  if (!existsSync(file("test.json"))) {
    const rows = await tableRows(table);
    const expected = await untouched(model, rows);
    return {
      name,
      model,
      table,
      args: external,
      kind: "proba",
      rows,
      expected,
      source: "ONNX Runtime",
    };
  }
  const {
    rows = [],
    expect = [],
    kind,
    args = [],
  }: CaseFile = JSON.parse(await readFile(file("test.json"), "utf8"));
  return {
    name,
    model,
    table,
    args: [...external, ...args],
    kind,
    rows: rows.map((row) => row.map((value) => (value === "" ? null : value))),
    expected: expect,
    source: "library",
  };
}
