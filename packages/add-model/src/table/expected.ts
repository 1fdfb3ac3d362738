import { columnName } from "@sepal/schema/headings";
import type { Answers } from "../onnx/run-model.ts";
import { Refusal } from "../refusal.ts";
import { columnCells, quoted, readCsv } from "./csv-table.ts";

interface Wanted {
  readonly path: string;
  readonly rows: number;
  /** Labels of the classes, for a classifier. */
  readonly labels: readonly string[] | undefined;
  /** The label that a cell stands for. */
  readonly labelOf: (cell: string) => string;
  /** Names of what is predicted, for a regression. */
  readonly targets: readonly string[];
}

const LABEL_NAMES =
  /^(?:class|label|target|species|y|prediction|predicted|predicted_class|predicted_label)$/i;

const PREFIXES = ["", "proba_", "prob_", "p_", "predicted_", "prediction_"];

/** For each name its column, which may be called `proba_<name>` or `predicted_<name>`; else the columns of numbers in order. */
function numberColumns(
  headings: readonly string[],
  names: readonly string[],
  isNumeric: (place: number) => boolean,
): number[] | undefined {
  const read = headings.map((heading) => columnName(heading).name);
  const named = names.map((name, index) => {
    const own = columnName(name).name;
    const spellings = new Set(
      PREFIXES.flatMap((prefix) => [`${prefix}${own}`, `${prefix}${name}`, `${prefix}${index}`]),
    );
    return headings.findIndex(
      (heading, place) => spellings.has(heading) || spellings.has(read[place] ?? ""),
    );
  });
  if (!named.includes(-1) && new Set(named).size === names.length) return named;
  const numeric = headings.map((_, place) => place).filter(isNumeric);
  return numeric.length === names.length ? numeric : undefined;
}

/** Reads the predictions of the library that trained a model; refuses a table that does not hold them. */
export function readExpected(text: string, wanted: Wanted): Answers {
  const { path, labels, targets, labelOf } = wanted;
  const table = readCsv(text, path);
  const { headings, records } = table;
  if (records.length !== wanted.rows) {
    throw new Refusal(
      `--expected ${path}: has ${records.length} rows, the data ${wanted.rows}; it holds the library's prediction of every row of the data, in order`,
    );
  }
  const number = (cell: string) => (cell.trim() === "" ? Number.NaN : Number(cell));
  const isNumeric = (place: number) =>
    columnCells(table, place).every((cell) => Number.isFinite(number(cell)));
  const rowsOf = (places: readonly number[]) =>
    records.map((record) => places.map((place) => number(record[place] ?? "")));
  if (labels === undefined) {
    const places = numberColumns(headings, targets, isNumeric);
    if (places !== undefined) return { values: rowsOf(places) };
    throw new Refusal(
      `--expected ${path}: its columns ${quoted(headings)} are not the predicted ${quoted(targets)}`,
    );
  }
  const named = headings.findIndex((heading) => LABEL_NAMES.test(heading));
  const texts = headings.findIndex((_, place) => !isNumeric(place));
  const known = new Set(labels);
  const label = [named, texts, headings.length === 1 ? 0 : -1].find(
    (place) => place !== -1 && columnCells(table, place).every((cell) => known.has(labelOf(cell))),
  );
  const proba = numberColumns(headings, labels, (place) => place !== label && isNumeric(place));
  if (label === undefined && proba === undefined) {
    throw new Refusal(
      `--expected ${path}: its columns ${quoted(headings)} are neither a class of ${quoted(labels)} nor a probability of each`,
    );
  }
  const classes =
    label === undefined
      ? undefined
      : columnCells(table, label).map((cell) => labels.indexOf(labelOf(cell)));
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(proba === undefined ? {} : { proba: rowsOf(proba) }),
  };
}
