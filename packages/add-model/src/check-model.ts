import { readFile } from "node:fs/promises";
import { readForeignOutput } from "@sepal/model/session/inference-session";
import { checkCharset, decode } from "@sepal/model/scoring/charset";
import { readMark } from "@sepal/model/scoring/file-head";
import type { NumberDomain } from "@sepal/schema/define-contract";
import type { Charset } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { type Answers, askModel, openModel } from "./ask-model.ts";
import { classLabels, requireClassCount, type ClassLabels } from "./class-labels.ts";
import { findSignature, type ModelSignature } from "./onnx/model-signature.ts";
import { conformGraph } from "./onnx/conform-graph.ts";
import { familyOf, labelsOfGraph, readOnnx } from "./onnx/onnx-model.ts";
import { Refusal } from "./refusal.ts";
import { readTable, type TrainingTable } from "./table/training-table.ts";

/** A model and how it is added. */
export interface AddModelOptions {
  /** Path of the ONNX file. */
  readonly model: string;
  /** Path of the CSV file. */
  readonly data: string;
  readonly name: string | undefined;
  readonly contractName: string | undefined;
  readonly labelColumn: string | undefined;
  readonly drop: readonly string[];
  readonly classes: readonly string[] | undefined;
  readonly domain: NumberDomain | undefined;
  /** How the table is encoded. */
  readonly charset: Charset;
  readonly title: string | undefined;
  /** Longest time for checking the model, in seconds; large files have more. */
  readonly timeoutS: number;
  readonly force: boolean;
}

/** How often a model is right on the rows it was given. */
export interface Accuracy {
  readonly right: number;
  readonly rows: number;
  /** Share of the most frequent class: what always answering it would reach. */
  readonly baseline: number;
}

interface Judged {
  readonly labels: readonly string[];
  readonly classes: readonly number[];
}

/** The label that most rows of each class have in the data, by class index. */
function mostFrequent({ labels, classes }: Judged, count: number): (string | undefined)[] {
  return Array.from({ length: count }, (_, index) => {
    const tally = new Map<string, number>();
    for (const [row, label] of labels.entries()) {
      if (classes[row] === index) tally.set(label, (tally.get(label) ?? 0) + 1);
    }
    return [...tally].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  });
}

/** Counts right answers; refuses names of classes that the data shows to be in another order. */
function judge(judged: Judged, { labels: names, from }: ClassLabels): Accuracy {
  const { labels, classes } = judged;
  const found = mostFrequent(judged, names.length);
  const other = found.map((label, index) => label ?? names[index] ?? "");
  const isOrder = new Set(other).size === names.length && other.join("\n") !== names.join("\n");
  if (from !== "model" && isOrder) {
    throw new Refusal(
      `the model's classes ${names.map((name, index) => `${index} (named "${name}")`).join(", ")} are mostly ${other.map((label) => `"${label}"`).join(", ")} in the data: name them in the model's order, probably --classes ${other.join(",")}`,
    );
  }
  const right = labels.filter((label, row) => names[classes[row] ?? -1] === label).length;
  const most = Math.max(...names.map((name) => labels.filter((label) => label === name).length));
  return { right, rows: labels.length, baseline: most / labels.length };
}

/** A model that may be served, and what its data shows of it. */
export interface CheckedModel {
  readonly table: TrainingTable;
  readonly signature: ModelSignature;
  readonly classes: ClassLabels;
  readonly family: string;
  /** The file as it came, and in Sepal's form. */
  readonly original: Uint8Array;
  readonly model: Uint8Array;
  readonly answers: Answers;
  readonly accuracy: Accuracy;
  /** Rows for which the model's own label is not the class that Sepal predicts. */
  readonly otherLabels: number;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Refusal(
      `${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** The text of a table; refuses one that is not in its charset, with the place. */
function tableText(bytes: Buffer, path: string, charset: Charset): string {
  try {
    const mark = readMark(bytes, charset);
    checkCharset(bytes, charset, { lines: 0, offset: 0 });
    return decode(bytes.toString("latin1", mark), charset);
  } catch (error) {
    if (!(error instanceof SepalError)) throw error;
    const reason = error.message.replace("pass charset=", "give --charset ");
    throw new Refusal(`${path}: ${reason}`, { cause: error });
  }
}

function requireWidth(
  path: string,
  { input, width }: Pick<ModelSignature, "input" | "width">,
  { features, labelColumn }: TrainingTable,
  data: string,
) {
  if (width === -1 || width === features.length) return;
  const headings = features.map(({ heading }) => `"${heading}"`).join(", ");
  throw new Refusal(
    `${path}: input ${input.name} takes ${width} features; ${data} has ${features.length} columns beside "${labelColumn}": ${headings}. Leave out what is no feature with --drop, or name the column of the classes with --label-column`,
  );
}

/** Whether labels count the classes from 0, so that they can be served as they are. */
function countsClasses(own: readonly string[], graph: readonly string[] | undefined): boolean {
  if (graph !== undefined) return graph.every((label, index) => label === String(index));
  return own.every((label) => /^\d+$/.test(label));
}

/** Checks a file with its data; rejects it with the place, the rule and the remedy. */
export async function checkModel(options: AddModelOptions): Promise<CheckedModel> {
  const { model: path, data } = options;
  const original = await read(path);
  const table = readTable(tableText(await read(data), data, options.charset), {
    path: data,
    ...options,
  });
  const onnx = readOnnx(original, path);
  const session = await openModel(original, path);
  const found = findSignature(path, onnx, session);
  await session.release();
  requireWidth(path, found, table, data);
  const { label, proba } = found;
  const graph = labelsOfGraph(onnx);
  const own =
    label === undefined
      ? []
      : await readForeignOutput(original, { input: found.input, output: label.name }, table.rows);
  const classes = classLabels({
    model: path,
    data,
    graph,
    option: options.classes,
    rows: table.labels,
  });
  const labels = table.labels.map(classes.labelOf);
  if (found.classes !== -1) requireClassCount(found.classes, classes, data);
  if (graph !== undefined) requireClassCount(graph.length, classes, data);
  const signature = { ...found, labelIsIndex: countsClasses(own, graph) };
  const model = conformGraph(onnx, {
    signature,
    features: table.features.length,
    classes: classes.labels.length,
  });
  const answers = await askModel(model, { path, rowsOf: "data" }, table.rows);
  requireClassCount(answers.proba[0]?.length ?? 0, classes, data);
  const outside = answers.classes.find((index) => classes.labels[index] === undefined);
  if (outside !== undefined) {
    throw new Refusal(
      `${path}: output ${label?.name ?? proba.name}: the model answers class ${outside} of ${classes.labels.length}; classes count from 0`,
    );
  }
  const names = graph ?? classes.labels;
  const differs = (index: number, row: number) =>
    own[row] !== names[index] && own[row] !== String(index);
  return {
    table: { ...table, labels },
    signature,
    classes,
    family: familyOf(onnx),
    original,
    model,
    answers,
    accuracy: judge({ labels, classes: answers.classes }, classes),
    otherLabels: label === undefined ? 0 : answers.classes.filter(differs).length,
  };
}
