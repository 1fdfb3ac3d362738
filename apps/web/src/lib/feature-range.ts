import type {
  CategoryFeature,
  Contract,
  FeatureInput,
  FeatureSpec,
  TextFeature,
} from "@sepal/schema/define-contract";
import { FLOAT32_INFINITY_BOUND, float32Above, MAX_INTEGER } from "@sepal/schema/float32";
import type { ModelCard } from "@sepal/schema/model-card";
import { asList } from "@sepal/schema/row-encoding";

/** A feature whose values are numbers. */
type NumericFeature = Extract<FeatureSpec, { type: "number" | "integer" }>;

type ChoiceFeature = Exclude<FeatureSpec, NumericFeature | TextFeature>;

/** Whether a feature's values are numbers. */
export function isNumeric(feature: FeatureSpec): feature is NumericFeature {
  return feature.type === "number" || feature.type === "integer";
}

/** Whether a category takes a text: one of its values, or any where the contract says what others count as. */
export function takesValue({ values, unknown = "refuse" }: CategoryFeature, text: string): boolean {
  return unknown !== "refuse" || values.includes(text);
}

interface FieldBase {
  readonly name: string;
  readonly label: string;
  /** What it is, for a beginner; empty when the contract does not say. */
  readonly description: string;
  readonly nullable: boolean;
}

/** A number as a form offers it. */
export interface NumberField extends FieldBase {
  readonly kind: "number";
  readonly feature: NumericFeature;
  readonly unit: string;
  /** Smallest and largest value in the training data; `null` when the model does not say. */
  readonly training: { readonly min: number; readonly max: number } | null;
  /** What a slider spans: the training range and a quarter more on each side. */
  readonly min: number;
  readonly max: number;
  /** A power of ten, so that a value reads as one would write it; of an integer at least 1. */
  readonly step: number;
}

/** One of a few values as a form offers it. */
export interface ChoiceField extends FieldBase {
  readonly kind: "choice";
  readonly type: "boolean" | "category";
  readonly options: readonly { readonly value: boolean | string; readonly text: string }[];
}

/** A text as a form offers it. */
export interface TextField extends FieldBase {
  readonly kind: "text";
  /** Most characters. */
  readonly most: number;
}

/** One feature as a form offers it. */
export type FeatureField = NumberField | ChoiceField | TextField;

/** The values that a field offers; none of a number or a text. */
export function optionsOf(field: FeatureField): ChoiceField["options"] {
  return field.kind === "choice" ? field.options : [];
}

/** A number without the noise of binary fractions, to the digits of `step`. */
export function roundToStep(value: number, step: number): number {
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  return Number(value.toFixed(digits));
}

type CardFeature = ModelCard["features"][number];

/** The range that a slider is made for, before its margins. */
function usualRange(feature: NumericFeature, example: FeatureInput): { min: number; max: number } {
  const { minimum, exclusive_minimum: above, maximum } = feature;
  const least = minimum ?? above;
  if (least !== undefined && maximum !== undefined) return { min: least, max: maximum };
  const value = typeof example === "number" ? example : 1;
  return { min: Math.min(value / 2, value * 2), max: Math.max(value / 2, value * 2) };
}

function numberField(
  feature: NumericFeature,
  base: FieldBase,
  { example, range }: { readonly example: FeatureInput; readonly range: CardFeature | undefined },
): NumberField {
  const training =
    range === undefined || range.min === null || range.max === null
      ? null
      : { min: range.min, max: range.max };
  const { min, max } = training ?? usualRange(feature, example);
  const span = max - min || 1;
  const power = 10 ** Math.floor(Math.log10(span / 20));
  const step = feature.type === "integer" ? Math.max(1, power) : power;
  const { minimum = -Infinity, exclusive_minimum: above = -Infinity, maximum = Infinity } = feature;
  const low = Math.max(roundToStep(min - span / 4, step), minimum, roundToStep(above + step, step));
  const high = Math.min(roundToStep(max + span / 4, step), maximum);
  const [least, most] =
    feature.type === "integer" ? [Math.ceil(low), Math.floor(high)] : [low, high];
  return {
    ...base,
    kind: "number",
    feature,
    unit: feature.unit ?? "",
    training,
    min: least,
    max: Math.max(most, least + step),
    step: roundToStep(step, step),
  };
}

function choiceField(feature: ChoiceFeature, base: FieldBase): ChoiceField {
  if (feature.type === "boolean") {
    const options = [
      { value: false, text: "No" },
      { value: true, text: "Yes" },
    ];
    return { ...base, kind: "choice", type: "boolean", options };
  }
  const options = feature.values.map((value, place) => ({
    value,
    text: feature.labels?.[place] ?? value,
  }));
  return { ...base, kind: "choice", type: "category", options };
}

/** The fields of a contract's form, with the ranges of the model's training data. */
export function featureFields(contract: Contract, card: ModelCard): FeatureField[] {
  const examples = asList(contract, contract.examples[0].features);
  return contract.features.map((feature, index) => {
    const { name, label, description = "", nullable = false } = feature;
    const base = { name, label, description, nullable };
    if (feature.type === "text") return { ...base, kind: "text", most: feature.max_length };
    if (!isNumeric(feature)) return choiceField(feature, base);
    const range = card.features.find((each) => each.name === name);
    return numberField(feature, base, { example: examples[index] ?? null, range });
  });
}

/** The fields that are numbers, with their places in a row. */
export function numberFields(
  fields: readonly FeatureField[],
): { readonly field: NumberField; readonly place: number }[] {
  return fields.flatMap((field, place) => (field.kind === "number" ? [{ field, place }] : []));
}

/** A value as a form shows it, with its unit. */
export function shownValue(field: FeatureField, value: FeatureInput | undefined): string {
  if (value === null || value === undefined) return "missing";
  if (field.kind === "number") return `${value}${field.unit && ` ${field.unit}`}`;
  return optionsOf(field).find((option) => option.value === value)?.text ?? String(value);
}

/** How far a value is along its range, or its list, from 0 to 1; `null` for a missing one. */
export function fieldShare(field: FeatureField, value: FeatureInput): number | null {
  if (value === null) return null;
  if (field.kind === "choice") {
    const place = field.options.findIndex((option) => option.value === value);
    return Math.max(0, place) / Math.max(1, field.options.length - 1);
  }
  if (field.kind === "text") return null;
  const { min, max } = field.training ?? field;
  return Math.min(1, Math.max(0, (Number(value) - min) / (max - min || 1)));
}

/** The places of a contract's features by the heading they stand under, in the order the headings come; "" is none. */
export function groupFields(
  features: readonly FeatureSpec[],
): { readonly title: string; readonly places: readonly number[] }[] {
  const places = new Map<string, number[]>();
  for (const [index, { group = "" }] of features.entries()) {
    places.set(group, [...(places.get(group) ?? []), index]);
  }
  return [...places].map(([title, found]) => ({ title, places: found }));
}

/** Why the contract does not take a text, in words; `null` when it does. */
export function textProblem(most: number, text: string): string | null {
  if (text.trim() === "") return "Enter a text.";
  const { length } = Array.from(text);
  return length > most ? `${length} characters; at most ${most} are taken.` : null;
}

/** Why the contract does not take a number, in words; `null` when it does. */
export function featureProblem(feature: NumericFeature, value: number): string | null {
  const { type, minimum, exclusive_minimum: above, maximum } = feature;
  if (Number.isNaN(value)) return "Enter a number.";
  if (Math.abs(value) >= FLOAT32_INFINITY_BOUND) return "Too large: enter a finite number.";
  if (type === "integer" && !Number.isInteger(value)) return "Enter a whole number.";
  if (above !== undefined && value <= float32Above(above)) return `Enter a number above ${above}.`;
  if (minimum !== undefined && value < minimum) return `Enter a number of ${minimum} or more.`;
  if (maximum !== undefined && value > maximum) return `Enter a number of at most ${maximum}.`;
  if (type === "integer" && Math.abs(value) > MAX_INTEGER) {
    return `Enter a number from ${-MAX_INTEGER} to ${MAX_INTEGER}.`;
  }
  return null;
}
