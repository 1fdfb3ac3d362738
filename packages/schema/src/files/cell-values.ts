import {
  MISSING_CELLS,
  type Contract,
  type FeatureInput,
  type FeatureSpec,
} from "../define-contract.ts";
import { readNumber, type DecimalMark } from "./csv-cells.ts";

/** Reads the text of a cell as a value of a feature; `undefined` where it is none. */
export type CellReader = (text: string, mark: DecimalMark) => FeatureInput | undefined;

/** How tables write a boolean, in any case. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

/** The value of a category as it stands, else without blanks around it; whether it is one is for the schema to say. */
function categoryReader(values: readonly string[]): CellReader {
  const known = new Set(values);
  return (text) => {
    if (known.has(text)) return text;
    const trimmed = text.trim();
    return trimmed === "" ? undefined : trimmed;
  };
}

function plainReader(feature: FeatureSpec): CellReader {
  switch (feature.type) {
    case "number":
    case "integer":
      return readNumber;
    case "boolean":
      return (text) => BOOLEANS.get(text.trim().toLowerCase());
    case "text":
      // As it stands, blanks included: the schema says what is too short.
      return (text) => text;
    default:
      return categoryReader(feature.values);
  }
}

/** Makes what reads the cells of a feature: `null` for a missing one where it may be missing. */
export function cellReader(
  feature: FeatureSpec,
  { missing = MISSING_CELLS }: Contract,
): CellReader {
  const read = plainReader(feature);
  if (feature.nullable !== true) return read;
  const values = feature.type === "category" ? feature.values : [];
  const spellings = new Set(["", ...missing].filter((text) => !values.includes(text)));
  return (text, mark) => (spellings.has(text.trim()) ? null : read(text, mark));
}
