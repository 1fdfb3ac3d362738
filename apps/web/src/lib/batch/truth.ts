import { classLabels, type Contract } from "@sepal/schema/define-contract";
import { matchHeadings } from "@sepal/schema/headings";
import type { BatchTable } from "./batch-table.ts";
import { pause } from "./pause.ts";

/** A column with what was true, and for a regression the target that it is about. */
export interface TruthColumn {
  readonly column: number;
  readonly target: number;
}

/** Rows of some confidence: how many, and of how many the class was right. */
export interface Level {
  readonly rows: number;
  readonly right: number;
}

/** How predictions compare with what was true. */
export type Evaluation =
  | {
      readonly kind: "classes";
      /** Rows with a prediction and a truth. */
      readonly rows: number;
      readonly right: number;
      /** `[true class][predicted class]`: rows. */
      readonly confusion: readonly (readonly number[])[];
      /** By confidence in steps of a hundredth; `null` without probabilities. */
      readonly levels: readonly Level[] | null;
    }
  | {
      readonly kind: "values";
      readonly rows: number;
      readonly target: number;
      readonly meanAbsolute: number;
      readonly rootMeanSquare: number;
      /** Share of the variance that is explained; `null` where the truth does not vary. */
      readonly r2: number | null;
      /** True and predicted value of some rows. */
      readonly points: readonly (readonly [number, number])[];
    };

/** The result of an evaluation, with the misclassified rows, or those with the largest errors first. */
export interface Evaluated {
  readonly evaluation: Evaluation;
  readonly wrongRows: readonly number[];
}

/** Rows that are looked at to recognise a column. */
const ROWS_TRIED = 200;

/** Share of them that has to be a class. */
const MOST_READABLE = 0.95;

const LEVELS = 100;

/** Points of a plot. */
const MOST_POINTS = 400;

/** Rows of a regression that are listed. */
const MOST_OFF = 100;

/** Rows that are compared before anything else gets its turn. */
const ROWS_A_TURN = 20_000;

/** Headings that are the truth in the tables people have. */
export const ACTUAL_HEADINGS: ReadonlySet<string> = new Set([
  "class",
  "label",
  "target",
  "species",
  "y",
  "truth",
  "actual",
]);

/** A heading or label in lower case, its words a blank apart. */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Makes what reads a truth: the index of a class, or a number; NaN of any other text. */
function truthReader(contract: Contract, decimalComma: boolean): (text: string) => number {
  if (contract.task === "regression") {
    return (text) =>
      text === "" ? Number.NaN : Number(decimalComma ? text.replace(",", ".") : text);
  }
  const labels = classLabels(contract);
  const exact = new Map(labels.map((label, index) => [label, index]));
  const loose = new Map(labels.map((label, index) => [plainWords(label), index]));
  // As UCI writes them: Iris-setosa.
  const prefix = `${plainWords(contract.name)} `;
  return (text) => {
    const words = plainWords(text);
    const bare = words.startsWith(prefix) ? words.slice(prefix.length) : words;
    return exact.get(text) ?? loose.get(words) ?? loose.get(bare) ?? Number.NaN;
  };
}

/** The column that looks like the truth: of a class one whose cells are classes, of a number one with the name of a target. */
export function findTruth({ contract, records, mapping }: BatchTable): TruthColumn | null {
  const free = records.columns.flatMap((_, column) => (mapping.includes(column) ? [] : [column]));
  if (contract.task === "regression") {
    const targets = contract.targets.map((target) => ({ ...target, type: "number" as const }));
    const { places } = matchHeadings(records.columns, targets, "row");
    const target = places.findIndex((place) => free.includes(place));
    if (target !== -1) return { column: places[target] ?? -1, target };
    const usual = free.find((column) =>
      ACTUAL_HEADINGS.has(plainWords(records.columns[column] ?? "")),
    );
    return usual === undefined || targets.length > 1 ? null : { column: usual, target: 0 };
  }
  const read = truthReader(contract, false);
  const rows = Array.from({ length: Math.min(records.rows, ROWS_TRIED) }, (_, row) => row);
  const column = free.find((each) => {
    const texts = rows.map((row) => records.cells(row, [each])[0] ?? "");
    const filled = texts.filter((text) => text !== "");
    const readable = filled.filter((text) => !Number.isNaN(read(text)));
    return readable.length > 0 && readable.length >= MOST_READABLE * filled.length;
  });
  return column === undefined ? null : { column, target: 0 };
}

/** Rows of a table with a prediction and a truth, a turn of the event loop between some of them. */
async function* compared(table: BatchTable, { column }: TruthColumn) {
  const { contract, records, answers } = table;
  const read = truthReader(contract, records.shape.decimalComma);
  for (let row = 0; row < records.rows; row += 1) {
    if (row % ROWS_A_TURN === ROWS_A_TURN - 1) await pause(0);
    const answer = answers.get(row);
    if (answer === null) continue;
    const truth = read(records.cells(row, [column])[0] ?? "");
    if (!Number.isNaN(truth)) yield { row, truth, answer };
  }
}

async function evaluateClasses(table: BatchTable, truth: TruthColumn): Promise<Evaluated> {
  const classes = classLabels(table.contract);
  const confusion = classes.map(() => classes.map(() => 0));
  const levels = Array.from({ length: LEVELS }, () => ({ rows: 0, right: 0 }));
  const wrongRows: number[] = [];
  let rows = 0;
  let hasLevels = false;
  for await (const { row, truth: is, answer } of compared(table, truth)) {
    const predicted = answer.class ?? 0;
    const counts = confusion[is];
    if (counts !== undefined) counts[predicted] = (counts[predicted] ?? 0) + 1;
    rows += 1;
    if (predicted !== is) wrongRows.push(row);
    if (answer.values.length === 0) continue;
    hasLevels = true;
    const confidence = Math.max(...answer.values);
    // A float32 may lie below the decimal that it is shown as: 0.9 is 0.89999998.
    const step = Math.floor(confidence * LEVELS + 1e-4);
    const level = levels[Math.min(LEVELS - 1, step)];
    if (level === undefined) continue;
    level.rows += 1;
    if (predicted === is) level.right += 1;
  }
  const right = rows - wrongRows.length;
  return {
    evaluation: { kind: "classes", rows, right, confusion, levels: hasLevels ? levels : null },
    wrongRows,
  };
}

async function evaluateValues(table: BatchTable, truth: TruthColumn): Promise<Evaluated> {
  const found: { row: number; is: number; predicted: number }[] = [];
  for await (const { row, truth: is, answer } of compared(table, truth)) {
    found.push({ row, is, predicted: answer.values[truth.target] ?? Number.NaN });
  }
  const mean = (of: (each: (typeof found)[number]) => number) =>
    found.reduce((sum, each) => sum + of(each), 0) / found.length;
  const average = mean(({ is }) => is);
  const variance = mean(({ is }) => (is - average) ** 2);
  const square = mean(({ is, predicted }) => (is - predicted) ** 2);
  const off = ({ is, predicted }: (typeof found)[number]) => Math.abs(is - predicted);
  const step = Math.max(1, Math.ceil(found.length / MOST_POINTS));
  return {
    evaluation: {
      kind: "values",
      rows: found.length,
      target: truth.target,
      meanAbsolute: mean(off),
      rootMeanSquare: Math.sqrt(square),
      r2: variance > 0 ? 1 - square / variance : null,
      points: found.flatMap(({ is, predicted }, index) =>
        index % step === 0 ? [[is, predicted] as const] : [],
      ),
    },
    wrongRows: found
      .toSorted((a, b) => off(b) - off(a))
      .slice(0, MOST_OFF)
      .map(({ row }) => row),
  };
}

/** Compares the predictions of a table with a column of it. */
export function evaluate(table: BatchTable, truth: TruthColumn): Promise<Evaluated> {
  return table.contract.task === "regression"
    ? evaluateValues(table, truth)
    : evaluateClasses(table, truth);
}
