import { createHash } from "node:crypto";
import Papa from "papaparse";
import { type Contract, type FeatureSpec, outputShape } from "@sepal/schema/define-contract";
import { decodeValue } from "@sepal/schema/row-encoding";
import type { CheckedModel } from "../check-model.ts";
import type { Outcome } from "../outcome.ts";
import type { Answers, Rows } from "../onnx/run-model.ts";
import { presentValues, thinned } from "../selected-rows.ts";
import { describeColumn } from "../table/column-statistics.ts";

/** One group of golden rows with the model's own outputs. */
export interface GoldenGroup extends Answers {
  readonly name: string;
  readonly features: Rows;
}

/** Everything that the files of a model say. */
export interface ModelParts {
  readonly name: string;
  readonly contract: Contract;
  readonly description: string;
  readonly checked: CheckedModel;
  readonly golden: readonly GoldenGroup[];
  /** What was done, for the record. */
  readonly added: object;
}

/** Most rows of the data that are kept for pictures and explanations. */
const BACKGROUND_ROWS = 500;

/** Largest difference of a probability on another processor, and of a value relative to those above 1. */
const TOLERANCE = 1e-5;

const METHOD = "on the data it was added with, perhaps its training data";

function sum(bytes: Uint8Array | string) {
  const data = Buffer.from(bytes);
  return { sha256: createHash("sha256").update(data).digest("hex"), bytes: data.length };
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

/** A golden file with one row a line; what is missing is null. */
function goldenText(groups: readonly GoldenGroup[]): string {
  const lines = (rows: Rows) =>
    `[\n${rows.map((row) => `        ${JSON.stringify(row)}`).join(",\n")}\n      ]`;
  const texts = groups.map(({ name, features, classes, proba, values }) =>
    [
      `      "name": "${name}"`,
      `      "features": ${lines(features)}`,
      ...(classes === undefined ? [] : [`      "class": ${JSON.stringify(classes)}`]),
      ...(proba === undefined ? [] : [`      "proba": ${lines(proba)}`]),
      ...(values === undefined ? [] : [`      "values": ${lines(values)}`]),
    ].join(",\n"),
  );
  return `{\n  "groups": [\n${texts.map((text) => `    {\n${text}\n    }`).join(",\n")}\n  ]\n}\n`;
}

const round = (value: number) => Number(value.toPrecision(6));

/** What a manifest says of a feature's values in the data. */
function featureStatistics(spec: FeatureSpec, feature: number, rows: Rows): object {
  const { name } = spec;
  const present = presentValues(rows, feature);
  const share = 1 - present.length / rows.length;
  const missing = share > 0 ? { missing: round(share) } : {};
  if (spec.type === "number" || spec.type === "integer") {
    return { name, ...describeColumn(present), ...missing };
  }
  const count = spec.type === "category" ? spec.values.length : 2;
  const counts = Array.from({ length: count }, () => 0);
  for (const code of present) counts[code] = (counts[code] ?? 0) + 1;
  return { name, counts, ...missing };
}

/** What a manifest says of a task: how well it is done, and its outcomes in the data. */
function taskStatistics(contract: Contract, outcome: Outcome): object {
  if (contract.task === "regression") {
    if (outcome.task !== "regression") return {};
    const { truth, measures } = outcome;
    return {
      targets: contract.targets.map(({ name }, index) => {
        const { r2 = 0, mae = 0, rmse = 0 } = measures[index] ?? {};
        const metrics = { method: METHOD, r2: round(r2), mae: round(mae), rmse: round(rmse) };
        return { name, ...describeColumn(truth.map((row) => row[index] ?? 0)), metrics };
      }),
    };
  }
  if (outcome.task !== "classification" || contract.task !== "classification") return {};
  const { labels, accuracy } = outcome;
  const share = accuracy.right / accuracy.rows;
  return {
    classes: contract.classes.map((label) => ({
      label,
      count: labels.filter((each) => each === label).length,
    })),
    accuracy: {
      method: `share of right answers ${METHOD}`,
      mean: round(share),
      std: round(Math.sqrt((share * (1 - share)) / accuracy.rows)),
    },
  };
}

function outputsOf(contract: Contract): object[] {
  const { hasClass, width } = outputShape(contract);
  const name = hasClass ? "proba" : "values";
  return [
    ...(hasClass ? [{ name: "class", datatype: "INT64", shape: [-1] }] : []),
    ...(width > 0 ? [{ name, datatype: "FP32", shape: [-1, width] }] : []),
  ];
}

/** The data set that is kept: evenly spread rows as files have them, with the class or the targets. */
export function datasetText(
  contract: Contract,
  { table, outcome }: CheckedModel,
): { readonly text: string; readonly kept: number } {
  const ends = (row: number) =>
    outcome.task === "classification" ? [outcome.labels[row]] : (outcome.truth[row] ?? []);
  const rows = table.rows.map((values, row) => [
    ...contract.features.map((spec, index) => decodeValue(spec, values[index] ?? Number.NaN)),
    ...ends(row),
  ]);
  const kept = thinned(rows, BACKGROUND_ROWS);
  const outcomes =
    contract.task === "regression" ? contract.targets.map(({ name }) => name) : ["class"];
  const header = [...contract.features.map(({ name }) => name), ...outcomes];
  return { text: `${Papa.unparse([header, ...kept], { newline: "\n" })}\n`, kept: kept.length };
}

/** The files of a model, by path below the model repository; the manifest comes last. */
export function modelFiles(parts: ModelParts): ReadonlyMap<string, Uint8Array | string> {
  const { name, contract, description, checked } = parts;
  const { table, outcome, family, model } = checked;
  const golden = goldenText(parts.golden);
  const dataset = `datasets/${name}.csv`;
  const { text } = datasetText(contract, checked);
  const manifest = {
    format: 1,
    model_name: name,
    version: "1",
    contract: contract.name,
    task: contract.task,
    family,
    description,
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, contract.features.length] }],
    outputs: outputsOf(contract),
    tolerance: TOLERANCE,
    features: contract.features.map((spec, index) => featureStatistics(spec, index, table.rows)),
    ...taskStatistics(contract, outcome),
    training: {
      dataset,
      dataset_sha256: sum(text).sha256,
      rows: table.rows.length,
      ...parts.added,
    },
    files: { "model.onnx": sum(model), "golden.json": sum(golden) },
  };
  return new Map<string, Uint8Array | string>([
    [dataset, text],
    [`${name}/model.json`, json({ contract: contract.name, default_version: "1", description })],
    [`${name}/1/model.onnx`, model],
    [`${name}/1/golden.json`, golden],
    [`${name}/1/manifest.json`, json(manifest)],
  ]);
}
