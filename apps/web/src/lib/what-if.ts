import type { FeatureInput } from "@sepal/schema/define-contract";
import { type FeatureField, type NumberField, optionsOf } from "./feature-range.ts";

/** Points of a curve. */
const STEPS = 41;

/** Most features of a table whose curves are all drawn on request; more would be a request of their own. */
export const MOST_VARIED = 60;

/** Most values of a category that are tried. */
const MOST_VALUES = 20;

/** The numbers from a field's smallest to its largest that a curve is drawn through. */
function sweep({ min, max, feature }: NumberField): number[] {
  const whole = feature.type === "integer";
  const steps = whole ? Math.min(STEPS, Math.round(max - min) + 1) : STEPS;
  return Array.from({ length: steps }, (_, step) => {
    const at = min + (step / (steps - 1)) * (max - min);
    return whole ? Math.round(at) : at;
  });
}

/** The values that one feature is given in turn, the others as they are. */
export interface Variation {
  readonly field: FeatureField;
  readonly place: number;
  readonly values: readonly FeatureInput[];
}

/** Most values in the rows of all variations, so that their request stays small. */
const MOST_CELLS = 500_000;

/** What to try of the features in these places: numbers along their range, every value of a choice, and missing where a row may lack it. */
export function variations(
  fields: readonly FeatureField[],
  places: readonly number[],
): Variation[] {
  const most = Math.max(1, Math.floor(MOST_CELLS / (fields.length * (STEPS + 1))));
  return places.slice(0, most).flatMap((place) => {
    const field = fields[place];
    if (field === undefined) return [];
    const values: readonly FeatureInput[] =
      field.kind === "number"
        ? sweep(field)
        : optionsOf(field)
            .slice(0, MOST_VALUES)
            .map(({ value }) => value);
    return [{ field, place, values: field.nullable ? [...values, null] : values }];
  });
}
