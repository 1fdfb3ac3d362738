import type { FeatureInput, FeatureSpec } from "@sepal/schema/define-contract";
import { decodeValue } from "@sepal/schema/row-encoding";
import type { ModelSignature } from "../onnx/model-signature.ts";
import { textsBehind, type OnnxModel } from "../onnx/onnx-model.ts";
import type { NativeInput } from "../onnx/rewrite-graph.ts";
import type { Rows } from "../onnx/run-model.ts";
import { Refusal } from "../refusal.ts";
import { quoted, type CsvTable } from "./csv-table.ts";
import {
  missingText,
  readColumn,
  requireDifferentNames,
  type FeatureColumn,
} from "./feature-columns.ts";
import type { Layout } from "./layout.ts";

/** Texts of a category in the order of their codes, for a column that the model takes codes of. */
export interface ColumnCodes {
  readonly column: string;
  readonly values: readonly string[];
}

/** A labelled table in the normal form. */
export interface TrainingTable {
  readonly features: readonly FeatureColumn[];
  /** `[n, features]`. */
  readonly rows: Rows;
  /** Headings of what is predicted. */
  readonly targets: readonly string[];
  /** Headings of columns that the model does not take. */
  readonly unwanted: readonly string[];
  /** Whether columns and inputs were put together by their names. */
  readonly byName: boolean;
}

/** A table as it is read, and how the model's own inputs are fed from it. */
interface ReadTable {
  readonly table: TrainingTable;
  readonly inputs: readonly NativeInput[];
}

/** Reads the columns that the model takes, each as its input does. */
export function readFeatures(
  csv: CsvTable,
  layout: Layout,
  model: OnnxModel,
  signature: ModelSignature,
  codes: readonly ColumnCodes[],
): ReadTable {
  const known = signature.inputs.map(({ name, datatype }) =>
    datatype === "BYTES" ? textsBehind(model, name) : new Set<string>(),
  );
  const codesOf = (place: number) => {
    const heading = csv.headings[place];
    return codes.find(({ column }) => column === heading)?.values;
  };
  for (const { column } of codes) {
    if (layout.features.some((place) => csv.headings[place] === column)) continue;
    throw new Refusal(
      `--codes ${column}: ${csv.path} has no feature of that name: ${quoted(layout.features.map((place) => csv.headings[place] ?? ""))}`,
    );
  }
  const columns = layout.features.map((place, feature) => {
    const input = layout.inputs.findIndex((places) => places.includes(feature));
    return readColumn(csv, place, {
      datatype: signature.inputs[input]?.datatype ?? "FP32",
      known: known[input] ?? new Set<string>(),
      codes: codesOf(place),
      isText: signature.isText,
    });
  });
  const features = columns.map(({ column }) => column);
  requireDifferentNames(csv.path, features);
  const inputs = signature.inputs.map(({ name, datatype, rank }, index) => {
    const own = layout.inputs[index] ?? [];
    const isText = datatype === "BYTES";
    const ownColumns = own.flatMap((feature) => features[feature] ?? []);
    const text = isText ? missingText(known[index] ?? new Set(), ownColumns) : undefined;
    const whole = datatype === "FP32" || datatype === "float64" ? undefined : -1;
    return {
      name,
      datatype,
      rank,
      isText: signature.isText,
      columns: own.map((feature) => {
        const column = features[feature];
        const missing = column?.nullable === true ? (text ?? whole) : undefined;
        return { feature, texts: isText ? column?.values : undefined, missing };
      }),
    };
  });
  const heading = (place: number) => csv.headings[place] ?? "";
  const table = {
    features,
    rows: csv.records.map((_, row) => columns.map(({ values }) => values[row] ?? Number.NaN)),
    targets: layout.targets.map(heading),
    unwanted: layout.unwanted.map(heading),
    byName: layout.byName,
  };
  return { table, inputs };
}

/** The texts of a table whose one feature is a text; `undefined` of any other. */
export function textsOf({ features: [first] }: TrainingTable): readonly string[] | undefined {
  return first?.kind === "text" ? first.values : undefined;
}

/** A row as requests have it. */
export function requestRow(
  table: TrainingTable,
  features: readonly FeatureSpec[],
  row: readonly number[],
): FeatureInput[] {
  const texts = textsOf(table);
  return features.map((feature, index) => {
    const value = row[index] ?? Number.NaN;
    return decodeValue(feature, texts === undefined ? value : (texts[value] ?? ""));
  });
}

/** Where a row has missing cells, for messages. */
export function missingIn({ features, rows }: TrainingTable, row: number): string {
  const names = features.filter((_, index) => Number.isNaN(rows[row]?.[index]));
  return names.length === 0
    ? ""
    : ` (missing there: ${quoted(names.map(({ heading }) => heading))})`;
}
