import type { Contract, FeatureInput, FeatureSpec } from "@sepal/schema/define-contract";
import { featureProblem, takesValue, textProblem } from "./feature-range.ts";

/** A value for each feature, in the contract's order; `null` is a missing one. */
export type Row = readonly FeatureInput[];

/** A row as a request has it. */
export type RowBody = Row | Readonly<Record<string, FeatureInput>>;

/** A row as a request to this contract has it: by feature name, or as a list where lists alone are taken. */
export function rowBody({ features, rows }: Contract, row: Row): RowBody {
  if (rows === "list") return row;
  return Object.fromEntries(features.map(({ name }, index) => [name, row[index] ?? null]));
}

function writeValue(value: FeatureInput): string {
  if (value === null) return "";
  return typeof value === "string"
    ? value.replaceAll("%", "%25").replaceAll(",", "%2C")
    : String(value);
}

/** A row as the text that an address keeps, values apart by commas; a missing value is empty. */
export function writeRow(row: Row): string {
  return row.map(writeValue).join(",");
}

/** Whether two rows are the same. */
export function sameRow(a: Row, b: Row): boolean {
  return writeRow(a) === writeRow(b);
}

function unescaped(text: string): string {
  return text.replaceAll("%2C", ",").replaceAll("%25", "%");
}

/** The value that a text stands for; `undefined` where the feature does not take it. */
function readValue(feature: FeatureSpec, given: string): FeatureInput | undefined {
  const text = feature.type === "text" ? given : given.trim();
  if (text === "") return feature.nullable === true ? null : undefined;
  if (feature.type === "boolean") return text === "true" || (text === "false" ? false : undefined);
  if (feature.type === "text") {
    const value = unescaped(text);
    return textProblem(feature.max_length, value) === null ? value : undefined;
  }
  if (feature.type === "category") {
    const value = unescaped(text);
    return takesValue(feature, value) ? value : undefined;
  }
  const value = Number(text);
  return featureProblem(feature, value) === null ? value : undefined;
}

/** The row of a text that {@link writeRow} made; `null` where the contract does not take it. */
export function readRow({ features }: Contract, text: string): FeatureInput[] | null {
  const parts = text.split(",");
  if (parts.length !== features.length) return null;
  const row: FeatureInput[] = [];
  for (const [index, feature] of features.entries()) {
    const value = readValue(feature, parts[index] ?? "");
    if (value === undefined) return null;
    row.push(value);
  }
  return row;
}
