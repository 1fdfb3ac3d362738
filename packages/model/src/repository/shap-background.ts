import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { backgroundSize } from "../explain/explainer.ts";
import type { ServedModel } from "../served-model.ts";

/** Training rows `[n, features]` with their class indices `[n]`. */
export interface Background {
  readonly rows: number[][];
  readonly classes: number[];
  /** Rows of the whole data set. */
  readonly total: number;
}

const backgrounds = new WeakMap<ServedModel, Promise<Background>>();

/**
 * The data set a model was trained on, evenly thinned out to at most 500 rows; read once a model.
 *
 * Fails when the file is not the one the model was trained on.
 */
export function readBackground(repository: string, model: ServedModel): Promise<Background> {
  const known = backgrounds.get(model);
  if (known !== undefined) return known;
  const background = read(repository, model);
  backgrounds.set(model, background);
  background.catch(() => backgrounds.delete(model));
  return background;
}

async function read(repository: string, model: ServedModel): Promise<Background> {
  const { contract, manifest } = model;
  const { dataset, dataset_sha256 } = manifest.training;
  const text = await readFile(join(repository, dataset), "utf8");
  if (createHash("sha256").update(text).digest("hex") !== dataset_sha256) {
    throw new Error(`${dataset} is not the file that ${model.name} was trained on`);
  }
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const columns = header.split(",");
  const indices = contract.features.map((feature) => columns.indexOf(feature.name));
  const classColumn = columns.indexOf("class");
  if (indices.includes(-1) || classColumn === -1) {
    throw new Error(`${manifest.training.dataset} lacks a column of contract ${contract.name}`);
  }
  const size = backgroundSize(lines.length);
  const rows: number[][] = [];
  const classes: number[] = [];
  for (let index = 0; index < size; index += 1) {
    const cells = (lines[Math.floor((index * lines.length) / size)] ?? "").split(",");
    rows.push(indices.map((index) => Number(cells[index])));
    classes.push(contract.classes.indexOf(cells[classColumn] ?? ""));
  }
  return { rows, classes, total: lines.length };
}
