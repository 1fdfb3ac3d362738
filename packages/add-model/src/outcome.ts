import { classLabels, requireClassCount, type ClassLabels } from "./class-labels.ts";
import type { OutputPlan } from "./onnx/output-plan.ts";
import type { Answers, Rows } from "./onnx/run-model.ts";
import { Refusal } from "./refusal.ts";
import { columnCells, quoted, type CsvTable } from "./table/csv-table.ts";
import { readNumber } from "./table/feature-columns.ts";
import type { Layout } from "./table/layout.ts";
import type { TrainingTable } from "./table/training-table.ts";

/** How often a model is right on the rows it was given. */
interface Accuracy {
  readonly right: number;
  readonly rows: number;
  /** Share of the most frequent class: what always answering it would reach. */
  readonly baseline: number;
}

/** How far predicted values are from those of the table. */
interface ErrorMeasures {
  readonly target: string;
  readonly r2: number;
  /** Mean absolute error. */
  readonly mae: number;
  readonly rmse: number;
}

/** What a table shows of a model. */
export type Outcome =
  | {
      readonly task: "classification";
      readonly classes: ClassLabels;
      /** The class of every row of the table. */
      readonly labels: readonly string[];
      readonly accuracy: Accuracy;
      /** Why the model's numbers are no probabilities, where it has none. */
      readonly withoutProba: string | undefined;
      /** Rows for which the model's own label is not its likeliest class. */
      readonly unlikely: number;
    }
  | {
      readonly task: "regression";
      /** The values of every row of the table, `[n, targets]`. */
      readonly truth: Rows;
      readonly measures: readonly ErrorMeasures[];
    }
  | {
      readonly task: "embedding";
      readonly dimensions: number;
      /** What the table calls each row; absent where no column does. */
      readonly labels: readonly string[] | undefined;
    };

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

/** Counts correct predictions. */
function judge({ labels, classes }: Judged, names: readonly string[]): Accuracy {
  const right = labels.filter((label, row) => names[classes[row] ?? -1] === label).length;
  const most = Math.max(...names.map((name) => labels.filter((label) => label === name).length));
  return { right, rows: labels.length, baseline: most / labels.length };
}

/**
 * Names of classes that a model only counts, in the order in which the data shows them; refuses an order of `--classes`
 * that the data contradicts.
 */
export function inShownOrder(judged: Judged, classes: ClassLabels): ClassLabels {
  const { labels: names, from } = classes;
  const found = mostFrequent(judged, names.length);
  const shown = found.map((label, index) => label ?? names[index] ?? "");
  const isOrder = new Set(shown).size === names.length && shown.join("\n") !== names.join("\n");
  const { right, rows, baseline } = judge(judged, shown);
  if (from === "model" || !isOrder || right / rows <= baseline) return classes;
  if (from === "sorted") return { ...classes, labels: shown, from: "data" };
  throw new Refusal(
    `the model's classes ${names.map((name, index) => `${index} (named "${name}")`).join(", ")} are mostly ${quoted(shown)} in the data: name them in the model's order, probably --classes ${shown.join(",")}`,
  );
}

function measure(
  target: string,
  truth: readonly number[],
  found: readonly number[],
): ErrorMeasures {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const errors = truth.map((value, row) => (found[row] ?? Number.NaN) - value);
  const centre = mean(truth);
  const squared = mean(errors.map((error) => error ** 2));
  return {
    target,
    r2: 1 - squared / mean(truth.map((value) => (value - centre) ** 2)),
    mae: mean(errors.map(Math.abs)),
    rmse: Math.sqrt(squared),
  };
}

/** A table and the predictions of the model in Sepal's form. */
interface Answered {
  readonly csv: CsvTable;
  readonly layout: Layout;
  readonly table: TrainingTable;
  readonly plan: OutputPlan;
  readonly answers: Answers;
  readonly classes: ClassLabels | undefined;
  readonly isEmbedding: boolean;
}

/** What a table shows of the model. */
export function outcomeOf(answered: Answered): Outcome {
  const { csv, layout, table, plan, answers, classes } = answered;
  if (answered.isEmbedding) {
    const [target] = layout.targets;
    const labels = target === undefined ? undefined : columnCells(csv, target);
    return { task: "embedding", dimensions: answers.values?.[0]?.length ?? 0, labels };
  }
  if (classes === undefined) {
    const truth = csv.records.map((record) =>
      layout.targets.map((place) => readNumber(record[place] ?? "") ?? Number.NaN),
    );
    const measures = table.targets.map((target, index) =>
      measure(
        target,
        truth.map((row) => row[index] ?? Number.NaN),
        (answers.values ?? []).map((row) => row[index] ?? Number.NaN),
      ),
    );
    return { task: "regression", truth, measures };
  }
  const labels = columnCells(csv, layout.targets[0] ?? -1).map(classes.labelOf);
  const indices = answers.classes ?? [];
  const { proba } = answers;
  const unlikely = indices.filter((index, row) => {
    const numbers = proba?.[row];
    return numbers !== undefined && numbers[index] !== Math.max(...numbers);
  });
  return {
    task: "classification",
    classes,
    labels,
    accuracy: judge({ labels, classes: indices }, classes.labels),
    withoutProba: plan.withoutProba,
    unlikely: unlikely.length,
  };
}

/** The names of a classifier's classes; `undefined` for a regression. Refuses targets that are not of the task. */
export function targetLabels(
  csv: CsvTable,
  layout: Layout,
  { outputs, labels }: OutputPlan,
  options: { readonly model: string; readonly classes: readonly string[] | undefined },
): ClassLabels | undefined {
  const [place = -1] = layout.targets;
  const heading = csv.headings[place] ?? "";
  if (outputs.task === "classification") {
    const cells = columnCells(csv, place);
    const empty = cells.findIndex((cell) => cell.trim() === "");
    if (empty !== -1) {
      throw new Refusal(
        `${csv.path}: row ${empty + 1}, column "${heading}", is empty, which is taken for the class; --target names another column`,
      );
    }
    const classes = classLabels({
      model: options.model,
      data: `${csv.path}, column "${heading}" (--target names another)`,
      graph: labels,
      option: options.classes,
      rows: cells,
    });
    requireClassCount(outputs.classes, classes, csv.path);
    return classes;
  }
  if (layout.targets.length !== outputs.targets) {
    throw new Refusal(
      `${options.model}: predicts ${outputs.targets} values a row, but ${layout.targets.length} columns of ${csv.path} are taken for them: ${quoted(layout.targets.map((each) => csv.headings[each] ?? ""))}; name each with --target`,
    );
  }
  for (const each of layout.targets) {
    const bad = columnCells(csv, each).findIndex((cell) => readNumber(cell) === undefined);
    if (bad === -1) continue;
    throw new Refusal(
      `${csv.path}: row ${bad + 1}, column "${csv.headings[each]}", holds "${csv.records[bad]?.[each]}", but the model predicts numbers: name the column of the values with --target; a network whose one number is the score of the second of two classes needs --sigmoid`,
    );
  }
  return undefined;
}
