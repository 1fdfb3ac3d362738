import { requireSelfContained } from "@sepal/model/onnx/self-contained";
import type { Charset } from "@sepal/schema/predict-file";
import type { ClassLabels } from "./class-labels.ts";
import { exporterOf, type Exporter } from "./onnx/exporter.ts";
import { foldExternalData } from "./onnx/external-data.ts";
import {
  cutEnds,
  findSignature,
  requireServable,
  type ModelSignature,
} from "./onnx/model-signature.ts";
import { familyOf, onnxBytes, readOnnx, type OnnxModel } from "./onnx/onnx-model.ts";
import { withPlainLocale } from "./onnx/plain-locale.ts";
import { withPreciseProducts } from "./onnx/precise-products.ts";
import { rewriteGraph, type Rewriting } from "./onnx/rewrite-graph.ts";
import { outputPlan, type OutputPlan } from "./onnx/output-plan.ts";
import { inShownOrder, outcomeOf, targetLabels, type Outcome } from "./outcome.ts";
import { readBytes, readTable, readText } from "./read-files.ts";
import { Refusal } from "./refusal.ts";
import * as z from "zod";
import type { ForeignModel } from "@sepal/model/session/inference-session";
import {
  firstDifference,
  nativeAnswers,
  openModel,
  runModel,
  runServed,
  runTexts,
  servedAnswers,
  type Answers,
  type Outputs,
} from "./onnx/run-model.ts";
import { columnCells, quoted, type CsvTable } from "./table/csv-table.ts";
import { readExpected } from "./table/expected.ts";
import { findLayout } from "./table/layout.ts";
import {
  missingIn,
  readFeatures,
  textsOf,
  type ColumnCodes,
  type TrainingTable,
} from "./table/training-table.ts";

/** Which numbers a feature may be: above 0, from 0 on, or any finite one. */
export type NumberDomain = "positive" | "nonnegative" | "finite";

/** What was made of a model that is no ONNX file. */
export interface Converted {
  /** Path of the ONNX file. */
  readonly onnx: string;
  /** Path of the {@link Answers} of the model itself to every row of the table, as JSON. */
  readonly predictions: string;
  /** Headings of the columns in the order of the model's features, where it knows them by name. */
  readonly features: readonly string[] | undefined;
  /** What was done and what speaks against it, for the report. */
  readonly notes: readonly string[];
  /** Versions of what converted it, by package. */
  readonly versions: Readonly<Record<string, string>>;
}

/** A model and how it is added. */
export interface AddModelOptions {
  /** Path of the ONNX file, or of what it was converted from. */
  readonly model: string;
  readonly converted: Converted | undefined;
  /** Paths of files that the model keeps data in. */
  readonly external: readonly string[];
  /** Path of the CSV file. */
  readonly data: string;
  /** Path of a CSV file with the library's own predictions. */
  readonly expected: string | undefined;
  readonly name: string | undefined;
  readonly contractName: string | undefined;
  /** Headings of what is predicted. */
  readonly target: readonly string[];
  readonly drop: readonly string[];
  readonly classes: readonly string[] | undefined;
  readonly codes: readonly ColumnCodes[];
  /** What is added to the graph's end to make probabilities of scores. */
  readonly ending: "softmax" | "sigmoid" | undefined;
  readonly domain: NumberDomain | undefined;
  /** How the table is encoded. */
  readonly charset: Charset;
  readonly title: string | undefined;
  /** Whether a new contract is written as TypeScript too. */
  readonly isTyped: boolean;
  /** Longest time for checking the model, in seconds; large files have more. */
  readonly timeoutS: number;
  readonly force: boolean;
}

/** A model that may be served, and what its data shows of it. */
export interface CheckedModel {
  readonly table: TrainingTable;
  readonly signature: ModelSignature;
  readonly plan: OutputPlan;
  readonly outcome: Outcome;
  readonly exporter: string;
  readonly family: string;
  /** The file as it came, and in Sepal's form. */
  readonly original: Uint8Array;
  readonly model: Uint8Array;
  /** What the model in Sepal's form says of the table's rows. */
  readonly answers: Answers;
  /** Whether the library's own predictions were compared. */
  readonly isExpected: boolean;
  /** How it was converted. */
  readonly notes: readonly string[];
}

/** How far float32 sums of matrix products may be from those in float64, as a multiple of the tolerance. */
const ROUNDING = 10;

/** Refuses a file that keeps data outside itself, with what its tool does about it. */
function requireInside(bytes: Uint8Array, path: string, model: OnnxModel): void {
  try {
    requireSelfContained(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isData = reason.includes("keeps its data outside");
    const remedy = isData
      ? `; with ${exporterOf(model).name} that is ${exporterOf(model).remedies.external}. Or give the file with the data too: --external FILE`
      : "";
    throw new Refusal(`${path}: ${reason}${remedy}`, { cause: error });
  }
}

/** Rejects a probability that is taken for a quantity: the number of a Sigmoid, beside a column of 0 and 1. */
function requireQuantity({ model, data }: AddModelOptions, csv: CsvTable, target: number): void {
  const cells = columnCells(csv, target);
  if (!cells.every((cell) => /^[01](\.0+)?$/.test(cell.trim()))) return;
  throw new Refusal(
    `${model}: its one number comes from a Sigmoid, and column "${csv.headings[target]}" of ${data} is 0 or 1 in every row: it is the probability of 1; add it as a classifier with --sigmoid`,
  );
}

/** Operators whose numbers are no scores of classes, even where the file leaves their count open. */
const REGRESSORS: ReadonlySet<string> = new Set([
  "LinearRegressor",
  "SVMRegressor",
  "TreeEnsembleRegressor",
]);

/** Whether several numbers of a text are its vector: no class, and no columns that they could be the values of. */
function isEmbeddingOf(
  { isText, label, width, ending: operator }: ModelSignature,
  { ending, target, drop }: AddModelOptions,
  { headings }: CsvTable,
): boolean {
  if (!isText || label !== undefined || ending !== undefined || operator === "Softmax")
    return false;
  return width > 1 && target.length < 2 && headings.length - drop.length - 1 !== width;
}

/** Whether a class is predicted, as far as file, options and the number of columns say. */
function isClassifier(
  signature: ModelSignature,
  { ending, target, drop }: AddModelOptions,
  table: CsvTable,
): boolean {
  const { label, width, inputs } = signature;
  if (label !== undefined || ending !== undefined || signature.ending === "Softmax") return true;
  if (width === 1 || target.length > 1 || REGRESSORS.has(signature.ending)) return false;
  const taken = inputs.reduce((sum, input) => sum + input.width, 0);
  const others = table.headings.length - drop.length - taken;
  return inputs.some((input) => input.width === -1) || others !== width;
}

function requireNumbers(path: string, table: TrainingTable, { proba, values }: Answers): void {
  const numbers = proba ?? values ?? [];
  const row = numbers.findIndex((each) => !each.every(Number.isFinite));
  if (row === -1) return;
  throw new Refusal(
    `${path}: for row ${row + 1} of the data rows the model answers [${numbers[row]?.join(", ")}]${missingIn(table, row)}: every number has to be finite. A model that takes missing values has an imputer, or is a tree that was trained with them`,
  );
}

function requireSame(
  path: string,
  table: TrainingTable,
  { served, native, remedy }: { served: Answers; native: Answers; remedy: string },
): void {
  const difference = firstDifference(served, native);
  if (difference === undefined) return;
  const { row, what } = difference;
  throw new Refusal(
    `${path}: for row ${row + 1} of the data rows the model answers ${what} once its features are one tensor of FLOAT${missingIn(table, row)}: a feature needs more than the 24 bits of a float32, or the graph depends on the number of rows${remedy}`,
  );
}

const numbers = z.array(z.array(z.number()));
const predictions = z.object({
  classes: z.array(z.int()).exactOptional(),
  proba: numbers.exactOptional(),
  values: numbers.exactOptional(),
});

async function ownPredictions({ predictions: path }: Converted): Promise<Answers> {
  return predictions.parse(JSON.parse(await readText(path, "utf-8")));
}

async function requireExpected(
  options: AddModelOptions,
  table: TrainingTable,
  answers: Answers,
  {
    classes,
    targets,
  }: { readonly classes: ClassLabels | undefined; readonly targets: readonly string[] },
): Promise<void> {
  const { expected: path, converted } = options;
  const own = converted && (await ownPredictions(converted));
  const first = own && firstDifference(answers, own);
  if (first !== undefined) {
    throw new Refusal(
      `${options.model}: for row ${first.row + 1} of ${options.data} the converted model answers ${first.what}, which the pickled one predicts${missingIn(table, first.row)}`,
    );
  }
  if (path === undefined) return;
  const expected = readExpected(await readText(path, options.charset), {
    path,
    rows: table.rows.length,
    labels: classes?.labels,
    labelOf: classes?.labelOf ?? String,
    targets,
  });
  const difference = firstDifference(answers, expected);
  if (difference === undefined) return;
  const coded = table.features.filter(({ coded: isCoded }) => isCoded);
  const hint =
    coded.length === 0
      ? ""
      : `; are the codes of ${quoted(coded.map(({ heading }) => heading))} those that the model was trained with? --codes names them in order`;
  throw new Refusal(
    `${options.model}: for row ${difference.row + 1} of ${options.data} the model answers ${difference.what}, which --expected ${path} has${missingIn(table, difference.row)}${hint}`,
  );
}

/** Refuses sorted codes that nothing speaks for: with them the model is no better than its most frequent class. */
function requireGoodCodes(
  { codes, expected, converted, model, data }: AddModelOptions,
  { features }: TrainingTable,
  outcome: Outcome,
): void {
  const named = new Set(codes.map(({ column }) => column));
  const coded = features.filter(({ coded: isCoded, heading }) => isCoded && !named.has(heading));
  const isCompared = expected !== undefined || converted !== undefined;
  if (coded.length === 0 || isCompared || outcome.task !== "classification") return;
  const { right, rows, baseline } = outcome.accuracy;
  if (right / rows > baseline) return;
  const values = coded.map(({ heading, values: texts }) => `${heading}=${texts.join(",")}`);
  throw new Refusal(
    `${model}: right on ${right} of ${rows} rows of ${data}, no better than always the most frequent class, with the codes ${values.join(" and ")}: name the values in the order of the codes that it was trained with, --codes ${values[0]}, or give its library's predictions with --expected`,
  );
}

/** Runs the untouched model on the rows; refuses a row that it cannot compute, in ONNX Runtime's words. */
async function run(path: string, compute: () => Promise<Outputs>, remedy = ""): Promise<Outputs> {
  try {
    return await compute();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(
      `${path}: the model cannot compute the rows of the data: ${reason}${remedy}`,
      {
        cause: error,
      },
    );
  }
}

interface Verified {
  readonly table: TrainingTable;
  /** Outputs of the untouched model for the table. */
  readonly expected: Answers;
  readonly exporter: Exporter;
}

/** Converts a model to Sepal's form; rejects one whose outputs differ there, with the first row that differs. */
async function rewritten(
  { model: path }: AddModelOptions,
  cut: OnnxModel,
  rewriting: Rewriting,
  { table, expected, exporter }: Verified,
): Promise<{ readonly model: Uint8Array; readonly answers: Answers }> {
  const { batch, inputs } = rewriting;
  const remedy =
    batch === -1
      ? ""
      : `; the file takes ${batch} rows at a time, and its graph holds that number: export it with the number of rows left open, ${exporter.remedies.batch}`;
  const answersOf = async (model: Uint8Array) => {
    const served = await openModel(model, path);
    try {
      const texts = textsOf(table);
      const compute = () =>
        texts === undefined ? runServed(served, table.rows) : runTexts(served, texts, table.rows);
      return servedAnswers(await run(path, compute, remedy));
    } finally {
      await served.release();
    }
  };
  const model = rewriteGraph(cut, rewriting);
  const answers = await answersOf(model);
  const wide = inputs.some(({ datatype }) => datatype === "float64");
  requireSame(path, table, {
    served: answers,
    native: expected,
    remedy: wide ? `. Export it for FLOAT features: ${exporter.remedies.columns}` : "",
  });
  const products = wide ? undefined : withPreciseProducts(cut);
  if (products === undefined) return { model, answers };
  try {
    const precise = rewriteGraph(products, rewriting);
    const found = await answersOf(precise);
    if (firstDifference(found, answers, ROUNDING) === undefined)
      return { model: precise, answers: found };
  } catch (error) {
    // Products of whole numbers, say: the model stays as it is.
    if (!(error instanceof Refusal)) throw error;
  }
  return { model, answers };
}

/** The signature with as many numbers a row as the model gives: what exporters declare may be wrong. */
async function withWidth(native: ForeignModel, signature: ModelSignature): Promise<ModelSignature> {
  const { inputs, numbers, isText } = signature;
  if (numbers === undefined || inputs.some(({ width }) => width === -1)) return signature;
  const [{ batch } = { batch: -1 }] = inputs;
  const feeding = inputs.map(({ name, datatype, rank, width }) => {
    const texts = datatype === "BYTES" ? [""] : undefined;
    return {
      name,
      datatype,
      rank,
      isText,
      columns: Array.from({ length: width }, () => ({ feature: 0, texts, missing: undefined })),
    };
  });
  try {
    const { [numbers]: given } = await runModel(native, { inputs: feeding, batch }, [[0]]);
    return given === undefined ? signature : { ...signature, width: given.data.length };
  } catch {
    // A row of zeros may be one that the model cannot compute.
    return signature;
  }
}

/** Checks a file with its data; rejects it with the place, the rule and the remedy. */
export async function checkModel(options: AddModelOptions): Promise<CheckedModel> {
  const { model: path, data, converted } = options;
  const original = await readBytes(path);
  const whole = converted === undefined ? original : await readBytes(converted.onnx);
  const bytes = await foldExternalData(whole, path, options.external);
  const onnx = readOnnx(bytes, path);
  requireInside(bytes, path, onnx);
  requireServable(path, onnx);
  const exporter = exporterOf(onnx);
  const cut = withPlainLocale(cutEnds(onnx));
  const native = await openModel(onnxBytes(cut), path);
  const signature = await withWidth(native, findSignature(path, onnx, native));
  const csv = await readTable(data, options.charset);
  const isEmbedding = isEmbeddingOf(signature, options, csv);
  const isClass = !isEmbedding && isClassifier(signature, options, csv);
  const layout = findLayout(csv, signature.inputs, {
    model: path,
    remedy: exporter.remedies.columns,
    targets: options.target,
    drop: options.drop,
    isClass,
    labels: signature.labels,
    predicted: signature.width,
    features: converted?.features,
    isEmbedding,
  });
  const { table, inputs } = readFeatures(csv, layout, onnx, signature, options.codes);
  const [{ batch } = { batch: -1 }] = signature.inputs;
  const given = await run(path, () => runModel(native, { inputs, batch }, table.rows));
  await native.release();
  const plan = outputPlan(given, {
    path,
    signature,
    exporter,
    ending: options.ending,
    isClass,
  });
  const expected = nativeAnswers(given, plan.outputs);
  requireNumbers(path, table, expected);
  const rewriting = { features: table.features.length, inputs, batch, outputs: plan.outputs };
  const { model, answers } = await rewritten(options, cut, rewriting, {
    table,
    expected,
    exporter,
  });
  const [target = -1] = layout.targets;
  if (!isClass && signature.ending === "Sigmoid") requireQuantity(options, csv, target);
  const named = isEmbedding ? undefined : targetLabels(csv, layout, plan, options);
  const classes =
    named &&
    inShownOrder(
      { labels: columnCells(csv, target).map(named.labelOf), classes: answers.classes ?? [] },
      named,
    );
  // The numbers of a vector have no names: they are counted.
  const targets = isEmbedding ? (answers.values?.[0] ?? []).map((_, at) => `${at}`) : table.targets;
  await requireExpected(options, table, answers, { classes, targets });
  const outcome = outcomeOf({
    csv,
    layout,
    table,
    plan,
    answers,
    classes,
    isEmbedding,
  });
  requireGoodCodes(options, table, outcome);
  return {
    table,
    signature,
    plan,
    outcome,
    exporter: exporter.name,
    family: familyOf(onnx),
    original,
    model,
    answers,
    isExpected: options.expected !== undefined || converted !== undefined,
    notes: converted?.notes ?? [],
  };
}
