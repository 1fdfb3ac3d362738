import type { CategoryFeature, Contract, FeatureInput, FeatureSpec } from "./define-contract.ts";

/** A checked row as the numbers that a model takes: categories as their index, booleans as 0 and 1, NaN where one is missing. */
export type RowEncoder = (row: object) => readonly number[];

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

/** What a number that models take stands for. */
export function decodeValue(feature: FeatureSpec, value: number): FeatureInput {
  if (Number.isNaN(value)) return null;
  if (feature.type === "boolean") return value !== 0;
  return feature.type === "category" ? (feature.values[value] ?? null) : value;
}
