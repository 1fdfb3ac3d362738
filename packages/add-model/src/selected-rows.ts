import type { FeatureSpec } from "@sepal/schema/define-contract";
import { shortestFloat32 } from "@sepal/schema/float32";
import { median } from "@sepal/model/session/warm-up";
import type { TrainingTable } from "./table/training-table.ts";
import type { Answers, Rows } from "./onnx/run-model.ts";
import type { Outcome } from "./outcome.ts";
import type { FeatureColumn } from "./table/feature-columns.ts";

/** Most rows of the data, and how many rows drawn at random, that a golden file holds. */
const DATA_ROWS = 300;
const RANDOM_ROWS = 700;

/** Share of a feature's range by which random rows may leave it at either end. */
const WIDENING = 0.05;

/** Share of missing values in random rows, of a feature that may lack one. */
const MISSING_SHARE = 0.1;

/** Evenly spread elements, at most `count`. */
export function thinned<T>(values: readonly T[], count: number): T[] {
  const step = Math.max(1, values.length / count);
  const kept: T[] = [];
  for (let place = 0; place < values.length; place += step) {
    const value = values[Math.floor(place)];
    if (value !== undefined) kept.push(value);
  }
  return kept.slice(0, count);
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The shortest decimal of a number's float32: what reaches a model. */
function asFloat32(value: number): number {
  return shortestFloat32(Math.fround(value));
}

/** The values of a feature that are not missing. */
export function presentValues(rows: Rows, feature: number): number[] {
  return rows.map((row) => row[feature] ?? Number.NaN).filter((value) => !Number.isNaN(value));
}

/** Draws values of a feature: over its slightly widened range within its bounds, or of its values. */
function drawer(
  spec: FeatureSpec,
  rows: Rows,
  feature: number,
  random: () => number,
): () => number {
  if (spec.type === "text") throw new TypeError("texts are not drawn");
  if (spec.type === "boolean") return () => Math.floor(random() * 2);
  if (spec.type === "category") return () => Math.floor(random() * spec.values.length);
  const present = presentValues(rows, feature);
  const min = present.reduce((least, value) => Math.min(least, value), Infinity);
  const max = present.reduce((most, value) => Math.max(most, value), -Infinity);
  const margin = (max - min) * WIDENING;
  const above =
    spec.exclusive_minimum === undefined ? -Infinity : min - (min - spec.exclusive_minimum) / 2;
  const low = Math.max(min - margin, spec.minimum ?? -Infinity, above);
  const high = Math.min(max + margin, spec.maximum ?? Infinity);
  if (spec.type === "integer") {
    const [least, most] = [Math.ceil(low), Math.floor(high)];
    return () => least + Math.floor(random() * (most - least + 1));
  }
  return () => asFloat32(low + random() * (high - low));
}

/** Rows whose predictions verify a version: some of the data, and some over its slightly widened ranges. */
export function goldenInputs(
  rows: Rows,
  features: readonly FeatureSpec[],
): { readonly name: string; readonly features: Rows }[] {
  const random = seeded(42);
  const drawers = features.map((spec, index) => {
    const draw = drawer(spec, rows, index, random);
    if (spec.nullable !== true) return draw;
    return () => (random() < MISSING_SHARE ? Number.NaN : draw());
  });
  return [
    { name: "data", features: thinned(rows, DATA_ROWS).map((row) => row.map(asFloat32)) },
    {
      name: "random",
      features: Array.from({ length: RANDOM_ROWS }, () => drawers.map((draw) => draw())),
    },
  ];
}

/** Texts of which a golden file has some beside the table's own: every script, emoji, what is between words and what is none. */
const ODD_TEXTS = [
  "a",
  "0",
  "?!",
  "\u00e9t\u00e9 \u00c9T\u00c9 stra\u00dfe STRASSE",
  "\u4f60\u597d\u4e16\u754c",
  "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643",
  "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440",
  "\u{1F600}\u{1F469}\u200D\u{1F680} ok",
  "tab\tand\nline",
  "e\u0301 and \u00e9",
];

/** Texts drawn at random that a golden file holds. */
const RANDOM_TEXTS = 200;

/** Texts whose predictions verify a version: some of the data, some of the data's words in another order, and odd ones. */
export function goldenTexts(
  texts: readonly string[],
): { readonly name: string; readonly texts: readonly string[] }[] {
  const random = seeded(42);
  const sample = thinned(texts, DATA_ROWS);
  const words = sample.flatMap((text) => text.split(/\s+/)).filter((word) => word !== "");
  const draw = () => words[Math.floor(random() * words.length)] ?? "";
  const drawn = Array.from({ length: RANDOM_TEXTS }, () =>
    Array.from({ length: 1 + Math.floor(random() * 20) }, draw).join(" "),
  );
  return [
    { name: "data", texts: sample },
    { name: "random", texts: drawn },
    { name: "odd", texts: ODD_TEXTS },
  ];
}

/** What was predicted of every row of a table. */
type Predicted =
  | {
      readonly task: "classification";
      readonly classes: readonly string[];
      /** The data's own label of every row. */
      readonly labels: readonly string[];
      /** What the model calls every row. */
      readonly predicted: readonly (string | undefined)[];
    }
  | { readonly task: "regression"; readonly values: readonly number[] };

/** Most classes that get an example of their own. */
const MOST = 6;

/** A row that is like many others, with what it is called. */
interface TypicalRow {
  readonly name: string;
  readonly row: readonly number[];
}

/** Characters of a text that name it as an example. */
const NAMED_BY = 40;

/** The text of middle length, since a long one hides what an example is to show. */
function middleText(texts: readonly string[], rows: readonly number[]): number[] {
  const sorted = rows.toSorted((a, b) => (texts[a]?.length ?? 0) - (texts[b]?.length ?? 0));
  return sorted.slice(Math.floor(sorted.length / 2)).slice(0, 1);
}

/** Texts to start from: for each class one that is rightly predicted where one is; of others some of the table. */
export function typicalTexts(
  texts: readonly string[],
  outcome: Outcome,
  { classes: predicted = [] }: Answers,
): TypicalRow[] {
  const all = texts.map((_, row) => row);
  if (outcome.task !== "classification") {
    return thinned(all, MOST).map((row) => ({
      name: (texts[row] ?? "").trim().slice(0, NAMED_BY),
      row: [row],
    }));
  }
  const { classes, labels } = outcome;
  return classes.labels.slice(0, MOST).flatMap((label, index) => {
    const own = all.filter((row) => labels[row] === label);
    const right = own.filter((row) => predicted[row] === index);
    return middleText(texts, right.length > 0 ? right : own).map((row) => ({
      name: `a text of ${label}`,
      row: [row],
    }));
  });
}

function mode(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? Number.NaN;
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(variance);
}

/** The row nearest to the middle of its own, in standard deviations; another category counts as one of them. */
function central(
  columns: readonly FeatureColumn[],
  all: Rows,
  own: Rows,
  candidates: Rows,
): readonly number[] | undefined {
  const parts = columns.map(({ kind }, index) => {
    const values = presentValues(own, index);
    const isCode = kind === "category" || kind === "boolean";
    const centre = isCode ? mode(values) : median(values);
    return { isCode, centre, std: spread(presentValues(all, index)) || 1 };
  });
  const ranked = candidates.map((row) => {
    const distances = parts.map(({ isCode, centre, std }, index) => {
      const value = row[index] ?? Number.NaN;
      // A row that lacks a value is no good example.
      if (Number.isNaN(value)) return 100;
      return isCode ? Number(value !== centre) : ((value - centre) / std) ** 2 || 0;
    });
    return { row, far: distances.reduce((sum, distance) => sum + distance, 0) };
  });
  return ranked.toSorted((a, b) => a.far - b.far)[0]?.row;
}

/** For each class the row that is most like the others of its class, rightly predicted where one is; of a regression the middle, a low and a high one. */
export function typicalRows(
  { features, rows, targets }: TrainingTable,
  outcome: Predicted,
): TypicalRow[] {
  const named = (name: string, row: readonly number[] | undefined) =>
    row === undefined ? [] : [{ name, row }];
  if (outcome.task === "regression") {
    const order = rows
      .map((_, row) => row)
      .toSorted((a, b) => (outcome.values[a] ?? 0) - (outcome.values[b] ?? 0));
    const part = (from: number, to: number) =>
      order
        .slice(Math.floor(from * order.length), Math.max(1, Math.ceil(to * order.length)))
        .flatMap((row) => [rows[row] ?? []]);
    const middle = (own: Rows) => central(features, rows, own, own);
    return [
      ...named("a typical row", middle(rows)),
      ...named(`low ${targets[0]}`, middle(part(0, 0.1))),
      ...named(`high ${targets[0]}`, middle(part(0.9, 1))),
    ];
  }
  const { classes, labels, predicted } = outcome;
  return classes.slice(0, MOST).flatMap((label) => {
    const own = rows.filter((_, row) => labels[row] === label);
    const right = rows.filter((_, row) => labels[row] === label && predicted[row] === label);
    return named(
      `a typical ${label}`,
      central(features, rows, own, right.length > 0 ? right : own),
    );
  });
}
