import { createHash } from "node:crypto";
import type { ContractData } from "./contract-source.ts";
import type { Accuracy } from "../check-model.ts";
import type { Answers } from "../ask-model.ts";
import type { ColumnStatistics } from "../table/training-table.ts";

/** One group of golden rows with the model's own answers. */
export interface GoldenGroup extends Answers {
  readonly name: string;
  readonly features: readonly (readonly number[])[];
}

/** Everything that the files of a model say. */
export interface ModelParts {
  readonly name: string;
  readonly contract: Pick<ContractData, "name" | "features" | "classes">;
  readonly family: string;
  readonly description: string;
  readonly model: Uint8Array;
  readonly golden: readonly GoldenGroup[];
  readonly columns: readonly ColumnStatistics[];
  /** Rows of each class in the data. */
  readonly counts: readonly number[];
  readonly accuracy: Accuracy;
  /** Text of the data set that is kept, and the rows of the one that was given. */
  readonly dataset: string;
  readonly rows: number;
  /** What was done, for the record. */
  readonly added: object;
}

/** Largest difference of a probability on another processor. */
const TOLERANCE = 1e-5;

function sum(bytes: Uint8Array | string) {
  const data = Buffer.from(bytes);
  return { sha256: createHash("sha256").update(data).digest("hex"), bytes: data.length };
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;

/** A golden file with one row a line. */
function goldenText(groups: readonly GoldenGroup[]): string {
  const lines = (rows: readonly (readonly number[])[]) =>
    `[\n${rows.map((row) => `        ${JSON.stringify(row)}`).join(",\n")}\n      ]`;
  const texts = groups.map(
    ({ name, features, classes, proba }) =>
      `    {\n      "name": "${name}",\n      "features": ${lines(features)},\n      "class": ${JSON.stringify(classes)},\n      "proba": ${lines(proba)}\n    }`,
  );
  return `{\n  "groups": [\n${texts.join(",\n")}\n  ]\n}\n`;
}

/** The files of a model, by path below the model repository; the manifest comes last. */
export function modelFiles(parts: ModelParts): ReadonlyMap<string, Uint8Array | string> {
  const { name, contract, family, description, model, columns, counts, accuracy } = parts;
  const golden = goldenText(parts.golden);
  const dataset = `datasets/${name}.csv`;
  const share = accuracy.right / accuracy.rows;
  const round = (value: number) => Number(value.toPrecision(6));
  const manifest = {
    format: 1,
    model_name: name,
    version: "1",
    contract: contract.name,
    task: "classification",
    family,
    description,
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, contract.features.length] }],
    outputs: [
      { name: "class", datatype: "INT64", shape: [-1] },
      { name: "proba", datatype: "FP32", shape: [-1, contract.classes.length] },
    ],
    tolerance: TOLERANCE,
    features: contract.features.map((feature, index) => ({
      name: feature.name,
      ...columns[index],
    })),
    classes: contract.classes.map((label, index) => ({ label, count: counts[index] ?? 0 })),
    accuracy: {
      method: "share of right answers on the data it was added with, perhaps its training data",
      mean: round(share),
      std: round(Math.sqrt((share * (1 - share)) / accuracy.rows)),
    },
    training: {
      dataset,
      dataset_sha256: sum(parts.dataset).sha256,
      rows: parts.rows,
      ...parts.added,
    },
    files: { "model.onnx": sum(model), "golden.json": sum(golden) },
  };
  return new Map<string, Uint8Array | string>([
    [dataset, parts.dataset],
    [`${name}/model.json`, json({ contract: contract.name, default_version: "1", description })],
    [`${name}/1/model.onnx`, model],
    [`${name}/1/golden.json`, golden],
    [`${name}/1/manifest.json`, json(manifest)],
  ]);
}
