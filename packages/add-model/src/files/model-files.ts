import { createHash } from "node:crypto";
import Papa from "papaparse";
import { type Contract, type FeatureSpec, outputShape } from "@sepal/schema/define-contract";
import type { ModelRow } from "@sepal/schema/row-encoding";
import { MAX_INDEX_ROWS } from "@sepal/model/manifest";
import { INPUT_NAMES } from "@sepal/model/session/inference-session";
import type { CheckedModel } from "../check-model.ts";
import type { Outcome } from "../outcome.ts";
import type { Answers } from "../onnx/run-model.ts";
import { presentValues, thinned } from "../selected-rows.ts";
import { requestRow, textsOf, type TrainingTable } from "../table/training-table.ts";
import { describeColumn } from "../table/column-statistics.ts";

/** One group of golden rows with the model's own outputs. */
export interface GoldenGroup extends Answers {
  readonly name: string;
  /** Rows as models take them. */
  readonly features: readonly ModelRow[];
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
  const lines = (rows: readonly ModelRow[]) =>
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

/** What a manifest says of the texts of the data. */
function textStatistics(name: string, texts: readonly string[]): object {
  const lengths = texts.map((text) => Array.from(text).length);
  const sum = lengths.reduce((total, length) => total + length, 0);
  const min = lengths.reduce((least, length) => Math.min(least, length), Infinity);
  const max = lengths.reduce((most, length) => Math.max(most, length), 0);
  return { name, characters: { min, max, mean: round(sum / lengths.length) } };
}

/** What a manifest says of a feature's values in the data. */
function featureStatistics(spec: FeatureSpec, feature: number, table: TrainingTable): object {
  const { rows } = table;
  const texts = textsOf(table);
  if (texts !== undefined) return textStatistics(spec.name, texts);
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
  const ends = (row: number) => {
    if (outcome.task === "embedding") return [];
    return outcome.task === "classification" ? [outcome.labels[row]] : (outcome.truth[row] ?? []);
  };
  const rows = table.rows.map((values, row) => [
    ...requestRow(table, contract.features, values),
    ...ends(row),
  ]);
  const kept = thinned(rows, BACKGROUND_ROWS);
  const outcomes = {
    classification: () => ["class"],
    regression: () =>
      contract.task === "regression" ? contract.targets.map(({ name }) => name) : [],
    embedding: () => [],
  }[contract.task]();
  const header = [...contract.features.map(({ name }) => name), ...outcomes];
  return { text: `${Papa.unparse([header, ...kept], { newline: "\n" })}\n`, kept: kept.length };
}

/** What an embedding searches: every text of the table once, with its label; `undefined` of other tasks. */
function indexText({ table, outcome, answers }: CheckedModel): string | undefined {
  const texts = textsOf(table);
  if (outcome.task !== "embedding" || texts === undefined) return undefined;
  const { labels } = outcome;
  const all = texts.map((_, row) => row);
  const same = (row: number) => JSON.stringify([texts[row], labels?.[row]]);
  const first = new Map(all.toReversed().map((row) => [same(row), row]));
  const rows = thinned(
    all.filter((row) => first.get(same(row)) === row),
    MAX_INDEX_ROWS,
  );
  const vectors = Float32Array.from(rows.flatMap((row) => answers.values?.[row] ?? []));
  const lines = rows.map((row) => {
    const label = labels?.[row]?.trim();
    return JSON.stringify({ text: texts[row], ...(label && { label }) });
  });
  return `{\n"format": 1,\n"rows": [\n${lines.join(",\n")}\n],\n"vectors": "${Buffer.from(vectors.buffer).toString("base64")}"\n}\n`;
}

/** The files of a model, by path below the model repository; the manifest comes last. */
export function modelFiles(parts: ModelParts): ReadonlyMap<string, Uint8Array | string> {
  const { name, contract, description, checked } = parts;
  const { table, outcome, family, model } = checked;
  const golden = goldenText(parts.golden);
  const dataset = `datasets/${name}.csv`;
  const { text } = datasetText(contract, checked);
  const index = indexText(checked);
  const isText = textsOf(table) !== undefined;
  const manifest = {
    format: 1,
    model_name: name,
    version: "1",
    contract: contract.name,
    task: contract.task,
    family,
    description,
    inputs: [
      {
        name: isText ? INPUT_NAMES.text : INPUT_NAMES.numbers,
        datatype: isText ? "BYTES" : "FP32",
        shape: [-1, contract.features.length],
      },
    ],
    outputs: outputsOf(contract),
    tolerance: TOLERANCE,
    features: contract.features.map((spec, index) => featureStatistics(spec, index, table)),
    ...taskStatistics(contract, outcome),
    training: {
      dataset,
      dataset_sha256: sum(text).sha256,
      rows: table.rows.length,
      ...parts.added,
    },
    files: {
      "model.onnx": sum(model),
      "golden.json": sum(golden),
      ...(index !== undefined && { "index.json": sum(index) }),
    },
  };
  return new Map<string, Uint8Array | string>([
    [dataset, text],
    [`${name}/model.json`, json({ contract: contract.name, default_version: "1", description })],
    [`${name}/1/model.onnx`, model],
    [`${name}/1/golden.json`, golden],
    ...(index === undefined ? [] : [[`${name}/1/index.json`, index] as const]),
    [`${name}/1/manifest.json`, json(manifest)],
  ]);
}
