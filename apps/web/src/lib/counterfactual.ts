import type { FeatureInput } from "@sepal/schema/define-contract";
import type { ClassPrediction, Prediction } from "./contract-client.ts";
import { type FeatureField, type NumberField, optionsOf, roundToStep } from "./feature-range.ts";
import type { Row } from "./row.ts";

/** A changed row that a model gives another class. */
export interface Counterfactual {
  readonly places: readonly number[];
  readonly row: Row;
  readonly prediction: ClassPrediction;
  /** How far it is from the row: the root of the squared changes, each as a share of its feature's range; 1 for a choice. */
  readonly distance: number;
}

/** What a search found. */
export interface Counterfactuals {
  /** For each feature the nearest value that changes the class, where its range has one; nearest first. */
  readonly single: readonly Counterfactual[];
  /** Two numbers changed together, where that is nearer than any one change. */
  readonly pair: Counterfactual | null;
}

interface Search {
  readonly fields: readonly FeatureField[];
  readonly features: Row;
  readonly prediction: ClassPrediction;
  /** The class to reach; `null` for any other. */
  readonly wanted: number | null;
  /** Places of the features by effect, largest first. */
  readonly order: readonly number[];
  readonly predict: (rows: readonly Row[]) => Promise<readonly Prediction[]>;
}

/** Values that a feature is given between its ends. */
const STEPS = 32;
/** Values of each of two features that are changed together. */
const SIDE = 15;
/** Numbers of which each pair is tried. */
const PAIRED = 4;
/** Most features that are tried, and most values in the rows of a request. */
const MOST_FEATURES = 200;
const MOST_VALUES = 500_000;
/** A pair has to be this much nearer to be worth its second change. */
const WORTH = 0.95;

function range({ training, min, max }: NumberField): {
  readonly min: number;
  readonly max: number;
} {
  return training ?? { min, max };
}

function change(field: FeatureField | undefined, from: FeatureInput, to: FeatureInput): number {
  if (from === to) return 0;
  if (field?.kind !== "number" || typeof from !== "number" || typeof to !== "number") return 1;
  const { min, max } = range(field);
  return Math.abs(to - from) / (max - min || 1);
}

function rounded(field: NumberField, value: number): number {
  const step = field.feature.type === "integer" ? 1 : field.step;
  return roundToStep(Math.round(value / step) * step, step);
}

/** Numbers from one to another, rounded as a person would write them, each once. */
function between(field: NumberField, from: number, to: number, steps: number): number[] {
  const values = Array.from({ length: steps + 1 }, (_, at) =>
    rounded(field, from + ((to - from) * at) / steps),
  );
  return [...new Set(values)];
}

/** The class changes of some rows, nearest first; each row differs from the searched one in `places`. */
async function flips(
  { fields, features, prediction, wanted, predict }: Search,
  changed: readonly { readonly places: readonly number[]; readonly row: Row }[],
): Promise<Counterfactual[]> {
  if (changed.length === 0) return [];
  const predictions = await predict(changed.map(({ row }) => row));
  return changed
    .flatMap(({ places, row }, index) => {
      const found = predictions[index];
      if (found === undefined || !("class" in found)) return [];
      const isOther = wanted === null ? found.class !== prediction.class : found.class === wanted;
      if (!isOther) return [];
      const squares = places.map(
        (place) => change(fields[place], features[place] ?? null, row[place] ?? null) ** 2,
      );
      const distance = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
      return [{ places, row, prediction: found, distance }];
    })
    .toSorted((a, b) => a.distance - b.distance);
}

function nearestByPlace(found: readonly Counterfactual[]): Counterfactual[] {
  const nearest = new Map<string, Counterfactual>();
  for (const each of found) {
    const key = each.places.join();
    if (!nearest.has(key)) nearest.set(key, each);
  }
  return [...nearest.values()];
}

/** Every value of one feature at a time, then the numbers again between the value that flips and the one before. */
async function singleChanges(search: Search): Promise<Counterfactual[]> {
  const { fields, features, order } = search;
  const most = Math.min(MOST_FEATURES, Math.floor(MOST_VALUES / (STEPS * fields.length)));
  const places = order.slice(0, most);
  const values = (field: FeatureField | undefined): readonly FeatureInput[] => {
    if (field === undefined) return [];
    if (field.kind !== "number") return optionsOf(field).map(({ value }) => value);
    const { min, max } = range(field);
    return between(field, min, max, STEPS);
  };
  const one = (place: number, value: FeatureInput) => ({
    places: [place],
    row: features.with(place, value),
  });
  const coarse = await flips(
    search,
    places.flatMap((place) => values(fields[place]).map((value) => one(place, value))),
  );
  const nearest = nearestByPlace(coarse);
  const finer = nearest.flatMap(({ places: [place = 0], row }) => {
    const field = fields[place];
    const [from, to] = [features[place], row[place]];
    if (field?.kind !== "number" || typeof from !== "number" || typeof to !== "number") return [];
    const { min, max } = range(field);
    const cell = (max - min) / STEPS;
    const start = Math.abs(to - from) <= cell ? from : to - Math.sign(to - from) * cell;
    return between(field, start, to, SIDE).map((value) => one(place, value));
  });
  const refined = await flips(search, finer);
  return nearestByPlace([...refined, ...nearest].toSorted((a, b) => a.distance - b.distance));
}

/** A grid over each pair of the numbers with the largest effect, then a finer one around the nearest that flips. */
async function pairChange(search: Search): Promise<Counterfactual | null> {
  const { fields, features, order } = search;
  const numbers = order
    .flatMap((place) => {
      const field = fields[place];
      return field?.kind === "number" && typeof features[place] === "number"
        ? [{ place, field }]
        : [];
    })
    .slice(0, PAIRED);
  const side = Math.min(SIDE, Math.floor(Math.sqrt(MOST_VALUES / (6 * fields.length))));
  if (side < 3) return null;
  type Values = { readonly place: number; readonly values: readonly number[] };
  const grid = (a: Values, b: Values) =>
    a.values.flatMap((valueA) =>
      b.values.map((valueB) => ({
        places: [a.place, b.place],
        row: features.with(a.place, valueA).with(b.place, valueB),
      })),
    );
  const whole = numbers.map(({ place, field }) => {
    const { min, max } = range(field);
    return { place, values: between(field, min, max, side - 1) };
  });
  const [coarse] = await flips(
    search,
    whole.flatMap((a, index) => whole.slice(index + 1).flatMap((b) => grid(a, b))),
  );
  if (coarse === undefined) return null;
  const around = numbers
    .filter(({ place }) => coarse.places.includes(place))
    .map(({ place, field }) => {
      const { min, max } = range(field);
      const cell = (max - min) / (side - 1);
      const at = Number(coarse.row[place]);
      const [low, high] = [Math.max(min, at - cell), Math.min(max, at + cell)];
      return { place, values: between(field, low, high, side - 1) };
    });
  const [a, b] = around;
  if (a === undefined || b === undefined) return coarse;
  const [finer] = await flips(search, grid(a, b));
  return finer !== undefined && finer.distance < coarse.distance ? finer : coarse;
}

/** The smallest changes within the range of the training data that give a row another class. */
export async function findCounterfactuals(search: Search): Promise<Counterfactuals> {
  const single = await singleChanges(search);
  const pair = await pairChange(search);
  const nearest = single[0]?.distance ?? Infinity;
  return { single, pair: pair !== null && pair.distance < nearest * WORTH ? pair : null };
}
