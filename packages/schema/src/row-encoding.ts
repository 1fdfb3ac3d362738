import {
  textFeature,
  type CategoryFeature,
  type Contract,
  type FeatureInput,
  type FeatureSpec,
  type TextFeature,
} from "./define-contract.ts";

/** The numbers of a row: categories as their index, booleans as 0 and 1, NaN where one is missing. */
export type NumberRow = readonly number[];

/** A checked row as a model takes it: numbers, or the one text of a contract of texts. */
export type ModelRow = NumberRow | readonly [text: string];

/** Whether a row is a text; the first of some says it of all, for a contract has either. */
export function isTextRow(row: ModelRow | undefined): row is readonly [text: string] {
  return typeof row?.[0] === "string";
}

/** Whether a row is of numbers. */
export function isNumberRow(row: ModelRow): row is NumberRow {
  return !isTextRow(row);
}

/** Makes what a model takes of a checked row. */
export type RowEncoder<R extends ModelRow = ModelRow> = (row: object) => R;

/** Index of a text among the values of a category; NaN where it counts as missing. */
function categoryCodes({ values, unknown = "refuse" }: CategoryFeature) {
  // A map: an object would also find what every object has.
  const codes = new Map(values.map((value, code) => [value, code]));
  const other = codes.get(unknown) ?? Number.NaN;
  return (value: FeatureInput) => codes.get(String(value)) ?? other;
}

function valueEncoder(feature: FeatureSpec): (value: FeatureInput) => number {
  return feature.type === "category" ? categoryCodes(feature) : Number;
}

/** Whether a checked list of a contract's values is already what its models take. */
function isEncoded({ features }: Contract): boolean {
  return features.every(({ type, nullable }) => {
    return (type === "number" || type === "integer") && nullable !== true;
  });
}

/** Makes what encodes the checked rows of a contract. */
export function rowEncoder(contract: Contract): RowEncoder {
  const text = textFeature(contract);
  return text === undefined ? numberEncoder(contract) : textEncoder(text);
}

function textEncoder({ name }: TextFeature): RowEncoder<readonly [string]> {
  return (row) => {
    const values: Readonly<Record<number | string, unknown>> = Object(row);
    return [String(values[Array.isArray(row) ? 0 : name])];
  };
}

/** The same of a contract without texts. */
export function numberEncoder(contract: Contract): RowEncoder<NumberRow> {
  const features = contract.features.map((feature) => ({
    name: feature.name,
    encode: valueEncoder(feature),
  }));
  const encoded = isEncoded(contract);
  return (row) => {
    const isList = Array.isArray(row);
    if (isList && encoded) return row;
    const values: Readonly<Record<number | string, FeatureInput | undefined>> = Object(row);
    const numbers: number[] = [];
    for (const [index, { name, encode }] of features.entries()) {
      const value = values[isList ? index : name];
      numbers.push(value === null || value === undefined ? Number.NaN : encode(value));
    }
    return numbers;
  };
}

/** The values of a row in the contract's order, whichever form it has. */
export function asList({ features }: Contract, row: object): readonly FeatureInput[] {
  if (Array.isArray(row)) return row;
  const values: Readonly<Record<string, FeatureInput | undefined>> = Object(row);
  return features.map(({ name }) => values[name] ?? null);
}

/** What a value that models take stands for. */
export function decodeValue(feature: FeatureSpec, value: number | string): FeatureInput {
  if (typeof value === "string") return value;
  if (Number.isNaN(value)) return null;
  if (feature.type === "boolean") return value !== 0;
  return feature.type === "category" ? (feature.values[value] ?? null) : value;
}
