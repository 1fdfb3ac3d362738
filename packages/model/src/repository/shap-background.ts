import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Papa from "papaparse";
import { cellReader } from "@sepal/schema/files/cell-values";
import { rowEncoder, type ModelRow } from "@sepal/schema/row-encoding";
import { unavailable } from "@sepal/schema/unavailable";
import { backgroundSize } from "../explain/explainer.ts";
import type { ServedModel } from "../served-model.ts";

/** Training rows `[n, features]`, as models take them, with what is known of each. */
export interface Background {
  readonly rows: ModelRow[];
  /** Class indices `[n]`; empty but for a classification. */
  readonly classes: number[];
  /** Target values `[n, targets]`; empty but for a regression. */
  readonly values: number[][];
  /** Rows of the whole data set. */
  readonly total: number;
}

const backgrounds = new WeakMap<ServedModel, Promise<Background>>();

/**
 * The data set a model was trained on, evenly thinned out to at most 500 rows; read once a model.
 *
 * Fails with `unavailable` where the file is missing or is not the one the model was trained on; the next call tries again.
 */
export function readBackground(repository: string, model: ServedModel): Promise<Background> {
  const known = backgrounds.get(model);
  if (known !== undefined) return known;
  const background = read(repository, model);
  backgrounds.set(model, background);
  background.catch(() => backgrounds.delete(model));
  return background;
}

/** The text of the data set; what the operating system says of a failure names places on the machine and is kept as the cause. */
async function readDataset(repository: string, { name, manifest }: ServedModel): Promise<string> {
  const { dataset, dataset_sha256 } = manifest.training;
  let text: string;
  try {
    text = await readFile(join(repository, dataset), "utf8");
  } catch (cause) {
    throw unavailable(`the training data of model "${name}", ${dataset}, cannot be read`, {
      cause,
    });
  }
  if (createHash("sha256").update(text).digest("hex") === dataset_sha256) return text;
  throw unavailable(`${dataset} is not the file that model "${name}" was trained on`);
}

async function read(repository: string, model: ServedModel): Promise<Background> {
  const { contract, manifest } = model;
  const { dataset } = manifest.training;
  const text = await readDataset(repository, model);
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  const targets = contract.task === "regression" ? contract.targets.map(({ name }) => name) : [];
  const outcomes = contract.task === "classification" ? ["class"] : targets;
  const known = new Set(Object.keys(data[0] ?? {}));
  const lacking = [...contract.features.map(({ name }) => name), ...outcomes];
  if (lacking.some((name) => !known.has(name))) {
    throw unavailable(`${dataset} lacks a column of contract ${contract.name}`);
  }
  const encode = rowEncoder(contract);
  const readers = contract.features.map((feature) => ({
    name: feature.name,
    read: cellReader(feature, contract),
  }));
  const size = backgroundSize(data.length);
  const rows: ModelRow[] = [];
  const classes: number[] = [];
  const values: number[][] = [];
  for (let index = 0; index < size; index += 1) {
    const row = data[Math.floor((index * data.length) / size)] ?? {};
    const cells = readers.map(({ name, read }) => read(row[name] ?? "", ".") ?? null);
    rows.push(encode(cells));
    if (contract.task === "regression") values.push(targets.map((name) => Number(row[name])));
    if (contract.task === "classification")
      classes.push(contract.classes.indexOf(row["class"] ?? ""));
  }
  return { rows, classes, values, total: data.length };
}
