import type { FeatureInput } from "@sepal/schema/define-contract";
import { type FeatureField, optionsOf } from "./feature-range.ts";
import type { Row } from "./row.ts";

/** Most values in the rows of a probe, so that its request stays small. */
const MOST_VALUES = 500_000;

/** Most values that are tried of a choice. */
const MOST_CHOICES = 5;

function probeValues(field: FeatureField): readonly FeatureInput[] {
  if (field.kind === "number") {
    const { min, max } = field.training ?? field;
    return [min, max];
  }
  return optionsOf(field)
    .slice(0, MOST_CHOICES)
    .map(({ value }) => value);
}

/** Rows that differ from a few of the contract's own in one feature each; empty where there would be too many. */
export interface Probe {
  readonly rows: readonly Row[];
  /** For each row: the place of the feature that differs, and its base among {@link rows}. */
  readonly changes: readonly { readonly place: number; readonly base: number }[];
}

/** What to predict to see how far each feature moves a model's outputs, around as many of `bases` as are not too many. */
export function effectProbe(fields: readonly FeatureField[], bases: readonly Row[]): Probe {
  const tried = fields.map(probeValues);
  const perBase = 1 + tried.reduce((sum, { length }) => sum + length, 0);
  const count = Math.min(bases.length, Math.floor(MOST_VALUES / (perBase * fields.length)));
  const rows: Row[] = [];
  const changes: { place: number; base: number }[] = [];
  for (const features of bases.slice(0, count)) {
    const base = rows.push(features) - 1;
    changes.push({ place: 0, base });
    for (const [place, values] of tried.entries()) {
      for (const value of values) {
        rows.push(features.with(place, value));
        changes.push({ place, base });
      }
    }
  }
  return { rows, changes };
}

/** How far each feature moves any output at most, from the outputs of a probe's rows. */
export function featureEffects(
  { changes }: Probe,
  outputs: readonly (readonly number[])[],
  features: number,
): number[] {
  const effects = Array.from({ length: features }, () => 0);
  for (const [index, { place, base }] of changes.entries()) {
    const moved = (outputs[index] ?? []).map((value, output) =>
      Math.abs(value - (outputs[base]?.[output] ?? value)),
    );
    effects[place] = Math.max(effects[place] ?? 0, ...moved);
  }
  return effects;
}

/** The places of the features by effect, largest first; in the contract's order where there is no effect known. */
export function byEffect(effects: readonly number[] | undefined, features: number): number[] {
  const places = Array.from({ length: features }, (_, place) => place);
  if (effects === undefined) return places;
  return places.toSorted((a, b) => (effects[b] ?? 0) - (effects[a] ?? 0));
}
