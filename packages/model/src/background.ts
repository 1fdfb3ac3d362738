import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServedModel } from "./served-model.ts";

/** Training rows `[n, features]` with their class indices `[n]`. */
export interface Background {
  readonly rows: number[][];
  readonly classes: number[];
  /** Rows of the whole data set. */
  readonly total: number;
}

/** Most rows a background holds. */
const MAX_BACKGROUND_ROWS = 500;

/** Reads the data set a model was trained on, evenly thinned out to at most 500 rows. */
export async function readBackground(repository: string, model: ServedModel): Promise<Background> {
  const { contract, manifest } = model;
  const text = await readFile(join(repository, manifest.training.dataset), "utf8");
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const columns = header.split(",");
  const indices = contract.features.map((feature) => columns.indexOf(feature.name));
  const classColumn = columns.indexOf("class");
  if (indices.includes(-1) || classColumn === -1) {
    throw new Error(`${manifest.training.dataset} lacks a column of contract ${contract.name}`);
  }
  const step = Math.max(1, lines.length / MAX_BACKGROUND_ROWS);
  const rows: number[][] = [];
  const classes: number[] = [];
  for (let position = 0; position < lines.length; position += step) {
    const cells = (lines[Math.floor(position)] ?? "").split(",");
    rows.push(indices.map((index) => Number(cells[index])));
    classes.push(contract.classes.indexOf(cells[classColumn] ?? ""));
  }
  return { rows, classes, total: lines.length };
}
