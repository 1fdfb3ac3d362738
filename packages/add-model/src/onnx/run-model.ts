import { shortestFloat32 } from "@sepal/schema/float32";
import {
  INPUT_NAMES,
  openForeignModel,
  type ForeignModel,
  type ForeignTensor,
} from "@sepal/model/session/inference-session";
import type { Ending, NativeColumn, NativeInput, NativeOutputs } from "./rewrite-graph.ts";
import { Refusal } from "../refusal.ts";

/** Rows of one execution. */
const CHUNK_ROWS = 1000;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Opens a model; refuses what ONNX Runtime refuses, in its words. */
export async function openModel(bytes: Uint8Array, path: string): Promise<ForeignModel> {
  try {
    return await openForeignModel(bytes);
  } catch (error) {
    throw new Refusal(`${path}: ONNX Runtime cannot open it: ${reasonOf(error)}`, { cause: error });
  }
}

/** Rows of the normal form, `[n, features]`: codes of categories, 0 and 1, NaN for what is missing. */
export type Rows = readonly (readonly number[])[];

function nativeValue(value: number, { texts, missing }: NativeColumn): string | number {
  if (Number.isNaN(value) && missing !== undefined) return missing;
  return texts === undefined ? value : (texts[value] ?? "");
}

function feedOf({ columns, datatype, rank }: NativeInput, rows: Rows): ForeignTensor {
  const data = rows.flatMap((row) =>
    columns.map((column) => nativeValue(row[column.feature] ?? Number.NaN, column)),
  );
  const dims = rank === 1 ? [rows.length] : [rows.length, columns.length];
  return { datatype, dims, data };
}

/** Output tensors of all rows: `[n, …]`, row after row. */
export type Outputs = Readonly<Record<string, ForeignTensor>>;

interface Feeding {
  readonly inputs: readonly NativeInput[];
  /** Rows of an execution, where the model fixes them; else -1. */
  readonly batch: number;
}

/** Runs a model about rows of the normal form, as many at a time as it takes. */
export async function runModel(
  model: ForeignModel,
  { inputs, batch }: Feeding,
  rows: Rows,
): Promise<Outputs> {
  const size = batch === -1 ? CHUNK_ROWS : batch;
  const parts = new Map<string, ForeignTensor[]>();
  for (let start = 0; start < rows.length; start += size) {
    const chunk = rows.slice(start, start + size);
    const last = chunk.at(-1) ?? [];
    const full =
      batch === -1 ? chunk : Array.from({ length: size }, (_, row) => chunk[row] ?? last);
    const feeds = Object.fromEntries(inputs.map((input) => [input.name, feedOf(input, full)]));
    const outputs = await model.run(feeds);
    for (const [name, { datatype, dims, data }] of Object.entries(outputs)) {
      const width = data.length / full.length;
      const part = { datatype, dims, data: data.slice(0, chunk.length * width) };
      parts.set(name, [...(parts.get(name) ?? []), part]);
    }
  }
  const joined = [...parts].map(([name, tensors]) => {
    const [{ datatype, dims } = { datatype: "", dims: [] }] = tensors;
    const whole = {
      datatype,
      dims: [rows.length, ...dims.slice(1)],
      data: tensors.flatMap(({ data }) => data),
    };
    return [name, whole] as const;
  });
  return Object.fromEntries(joined);
}

/** Runs a model of texts in Sepal's form; rows are places in `texts`. */
export function runTexts(
  model: ForeignModel,
  texts: readonly string[],
  rows: Rows,
): Promise<Outputs> {
  const columns = [{ feature: 0, texts, missing: undefined }];
  const input = { name: INPUT_NAMES.text, datatype: "BYTES", rank: 2, columns };
  return runModel(model, { inputs: [input], batch: -1 }, rows);
}

/** Runs a model of numbers in Sepal's form. */
export function runServed(model: ForeignModel, rows: Rows): Promise<Outputs> {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, feature) => ({
    feature,
    texts: undefined,
    missing: undefined,
  }));
  const input = { name: INPUT_NAMES.numbers, datatype: "FP32", rank: 2, columns };
  return runModel(model, { inputs: [input], batch: -1 }, rows);
}

/** What a model says of rows: class indices `[n]`, probabilities `[n, classes]`, or predicted values `[n, targets]`. */
export interface Answers {
  readonly classes?: readonly number[];
  readonly proba?: Rows;
  readonly values?: Rows;
}

function rowsOf({ data, dims }: ForeignTensor): number[][] {
  const [count = 0] = dims;
  const width = data.length / count;
  return Array.from({ length: count }, (_, row) =>
    data.slice(row * width, (row + 1) * width).map(Number),
  );
}

/** Probabilities of what a model gives for a row. */
export function endProba(given: readonly number[], ending: Ending): number[] {
  if (ending === "none") return [...given];
  if (ending === "softmax") {
    const most = Math.max(...given);
    const powers = given.map((value) => Math.exp(value - most));
    const sum = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / sum);
  }
  const [value = Number.NaN] = given;
  const second = ending === "sigmoid" ? 1 / (1 + Math.exp(-value)) : value;
  return [1 - second, second];
}

function mostLikely(proba: readonly number[]): number {
  return proba.indexOf(Math.max(...proba));
}

/** Reads what the untouched model gave. */
export function nativeAnswers(given: Outputs, outputs: NativeOutputs): Answers {
  if (outputs.task === "regression") {
    const tensor = given[outputs.values.name];
    return tensor === undefined ? {} : { values: rowsOf(tensor) };
  }
  const { label, proba } = outputs;
  const scores = proba && given[proba.name];
  const likely = proba && scores && rowsOf(scores).map((row) => endProba(row, proba.ending));
  const own = label && given[label.name];
  const classes =
    label && own
      ? own.data.map((text) => label.labels.indexOf(labelText(text)))
      : (likely ?? []).map(mostLikely);
  return likely === undefined ? { classes } : { classes, proba: likely };
}

/** A label of the model as text: ONNX Runtime gives booleans as 0 and 1. */
export function labelText(label: string | number): string {
  return String(label);
}

/** Reads what the model in Sepal's form gave, numbers as their shortest float32 and probabilities within [0, 1], as served. */
export function servedAnswers(given: Outputs): Answers {
  const short = (tensor: ForeignTensor | undefined, low: number, high: number) =>
    tensor &&
    rowsOf(tensor).map((row) =>
      row.map((value) => shortestFloat32(Math.min(high, Math.max(low, value)))),
    );
  const { class: label, proba, values } = given;
  const likely = short(proba, 0, 1);
  const predicted = short(values, -Infinity, Infinity);
  return {
    ...(label === undefined ? {} : { classes: label.data.map(Number) }),
    ...(likely === undefined ? {} : { proba: likely }),
    ...(predicted === undefined ? {} : { values: predicted }),
  };
}

/** Whether a number is near the expected one; `slack` widens what is allowed. */
function isNear(found: number, expected: number, slack: number): boolean {
  return Math.abs(found - expected) <= slack * (1e-5 + 1e-6 * Math.abs(expected));
}

/** A number or a class that is not as expected. */
export interface Difference {
  readonly row: number;
  readonly what: string;
}

/** The first row in which outputs differ, and how; numbers by more than 1e-5 and a millionth, times `slack`. */
export function firstDifference(
  found: Answers,
  expected: Answers,
  slack = 1,
): Difference | undefined {
  const rows = (expected.proba ?? expected.values ?? expected.classes ?? []).length;
  for (let row = 0; row < rows; row += 1) {
    const [class_, wanted] = [found.classes?.[row], expected.classes?.[row]];
    if (wanted !== undefined && class_ !== wanted)
      return { row, what: `class ${class_} instead of ${wanted}` };
    for (const key of ["proba", "values"] as const) {
      const numbers = expected[key]?.[row] ?? [];
      const place = numbers.findIndex(
        (value, index) => !isNear(found[key]?.[row]?.[index] ?? Number.NaN, value, slack),
      );
      if (place !== -1) {
        const shown = [found[key]?.[row]?.[place], numbers[place]];
        return { row, what: `${shown[0]} instead of ${shown[1]}` };
      }
    }
  }
  return undefined;
}
