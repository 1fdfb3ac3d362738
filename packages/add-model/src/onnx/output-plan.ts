import type { ForeignTensor } from "@sepal/model/session/inference-session";
import { Refusal } from "../refusal.ts";
import { endProba, labelText, type Outputs } from "./run-model.ts";
import type { Exporter } from "./exporter.ts";
import type { ModelSignature } from "./model-signature.ts";
import type { Ending, NativeOutputs } from "./rewrite-graph.ts";

/** What is served of a model's outputs. */
export interface OutputPlan {
  readonly outputs: NativeOutputs;
  /** What the model calls its classes, in their order; `undefined` where it only counts them. */
  readonly labels: readonly string[] | undefined;
  /** Why the model's numbers are no probabilities; `undefined` where they are. */
  readonly withoutProba: string | undefined;
}

interface PlanOptions {
  readonly path: string;
  readonly signature: ModelSignature;
  readonly exporter: Exporter;
  readonly ending: "softmax" | "sigmoid" | undefined;
  readonly isClass: boolean;
}

/** How far from 1 the probabilities of a row may add up: a forest's float32 sums stay within it. */
const SUM_TOLERANCE = 1e-3;

function widthOf({ dims, data }: ForeignTensor): number {
  return dims[0] === undefined || dims[0] === 0 ? 0 : data.length / dims[0];
}

function rankOf({ dims }: ForeignTensor): number {
  return dims.length;
}

function numbersOf(tensor: ForeignTensor, row: number): number[] {
  const width = widthOf(tensor);
  return tensor.data.slice(row * width, (row + 1) * width).map(Number);
}

/** Whether numbers are probabilities, but for rounding. */
function areProbabilities(numbers: readonly number[]): boolean {
  const sum = numbers.reduce((total, value) => total + value, 0);
  return (
    numbers.every((value) => value >= -1e-6 && value <= 1 + SUM_TOLERANCE) &&
    Math.abs(sum - 1) <= SUM_TOLERANCE
  );
}

/** What is wrong with the first row whose numbers are no probabilities; rows that are no numbers are left for others. */
function scoresIn(tensor: ForeignTensor, ending: Ending): string | undefined {
  const [rows = 0] = tensor.dims;
  for (let row = 0; row < rows; row += 1) {
    const numbers = endProba(numbersOf(tensor, row), ending);
    if (!numbers.every(Number.isFinite) || areProbabilities(numbers)) continue;
    const shown = numbers.map((value) => Number(value.toPrecision(4))).join(", ");
    const sum = numbers.reduce((total, value) => total + value, 0);
    return `for row ${row + 1} of the data rows the model answers [${shown}], which adds up to ${Number(sum.toPrecision(4))}: these are scores, not probabilities of 0 to 1 that add up to 1`;
  }
  return undefined;
}

/** As scikit-learn sorts classes: numbers by size, texts by code point. */
function sortedLabels(labels: readonly string[]): string[] {
  return labels.every((label) => /^-?\d+$/.test(label))
    ? labels.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
    : labels.toSorted((a, b) => (a < b ? -1 : 1));
}

function counted(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

function endingOf({ path, signature, ending }: PlanOptions, width: number): Ending {
  if (ending === undefined) return "none";
  if (ending === "softmax" && width > 1) return "softmax";
  if (ending === "sigmoid" && width === 1) {
    return signature.ending === "Sigmoid" ? "complement" : "sigmoid";
  }
  throw new Refusal(
    ending === "softmax"
      ? `${path}: output ${signature.numbers} has one number a row, of which --softmax makes nothing; --sigmoid makes the probabilities of two classes of it`
      : `${path}: output ${signature.numbers} has ${width} numbers a row, but --sigmoid is for one; scores of ${width} classes take --softmax, and several labels a row are not supported yet`,
  );
}

/** The model's own label with what it is chosen from. */
function readLabel(
  { path, signature }: PlanOptions,
  given: Outputs,
  numbers: ForeignTensor | undefined,
) {
  const { label: name, labels: known } = signature;
  const tensor = name === undefined ? undefined : given[name];
  if (name === undefined || tensor === undefined) return undefined;
  if (widthOf(tensor) !== 1) {
    throw new Refusal(
      `${path}: a multilabel classifier is not supported yet: output ${name} has ${widthOf(tensor)} labels a row`,
    );
  }
  const seen = [...new Set(tensor.data.map(labelText))];
  const isOutlier = seen.every((label) => label === "-1" || label === "1");
  if (
    known === undefined &&
    isOutlier &&
    seen.includes("-1") &&
    /score/i.test(signature.numbers ?? "")
  ) {
    throw new Refusal(
      `${path}: outlier detection is not supported yet: output ${name} is -1 or 1 and has no classes`,
    );
  }
  const width = numbers === undefined ? 0 : widthOf(numbers);
  const within = seen.every((label) => /^\d+$/.test(label) && Number(label) < width);
  const labels = known ?? (within && width > 1 ? counted(width) : sortedLabels(seen));
  return { name, datatype: tensor.datatype, rank: rankOf(tensor), labels };
}

/** Decides which outputs are served, from what the model returns for the table; rejects outputs that fit no task. */
export function outputPlan(given: Outputs, options: PlanOptions): OutputPlan {
  const { path, signature, exporter, isClass } = options;
  const { numbers: name } = signature;
  const numbers = name === undefined ? undefined : given[name];
  const tensor = numbers && { name: name ?? "", datatype: numbers.datatype, rank: rankOf(numbers) };
  if (numbers && numbers.dims.length > 2) {
    throw new Refusal(
      `${path}: output ${name} has the shape [${numbers.dims.join(", ")}]; it has to be [n, classes] or [n, targets]`,
    );
  }
  if (!isClass) {
    if (numbers === undefined || tensor === undefined) {
      throw new Refusal(`${path}: the model has no output of numbers`);
    }
    const outputs = { task: "regression" as const, targets: widthOf(numbers), values: tensor };
    return { outputs, labels: undefined, withoutProba: undefined };
  }
  const label = readLabel(options, given, numbers);
  const remedy = `Export it with ${exporter.remedies.probabilities} (${exporter.name}), or have a Softmax put at its end with --softmax`;
  const ending = numbers === undefined ? "none" : endingOf(options, widthOf(numbers));
  const width =
    numbers === undefined ? 0 : ending === "none" || ending === "softmax" ? widthOf(numbers) : 2;
  const classes = label?.labels.length ?? width;
  const fault =
    numbers === undefined
      ? "the model has no output of probabilities"
      : width === classes
        ? scoresIn(numbers, ending)
        : `output ${name} has ${width} numbers for ${classes} classes`;
  const withoutProba = fault === undefined ? undefined : `${fault}. ${remedy}`;
  const proba = tensor && fault === undefined ? { ...tensor, ending } : undefined;
  if (label === undefined && proba === undefined) throw new Refusal(`${path}: ${withoutProba}`);
  return {
    outputs: { task: "classification", classes, label, proba },
    labels: signature.labels ?? (label?.datatype === "BYTES" ? label.labels : undefined),
    withoutProba,
  };
}
