import type { Contract, FeatureInput, FeatureSpec } from "@sepal/schema/define-contract";
import { writeBlock } from "@sepal/schema/files/block-rows";
import { forms } from "@sepal/schema/files/bytes";
import { cellReader } from "@sepal/schema/files/cell-values";
import { decode } from "@sepal/schema/files/charset";
import { writeCell } from "@sepal/schema/files/csv-cells";
import { writeResults } from "@sepal/schema/files/result-form";
import { Float32Texts } from "@sepal/schema/float32-texts";
import { featureProblem, isNumeric, takesValue } from "../feature-range.ts";
import type { Row } from "../row.ts";
import type { BatchTable } from "./batch-table.ts";

/** The table as it came, with the results behind its rows, part by part: the file that `/predict-file` makes of it. */
export function* resultsFile(table: BatchTable): Generator<Uint8Array<ArrayBuffer>> {
  const { records, answers } = table;
  const texts = new Float32Texts();
  yield forms.bytesOf(records.head);
  for (let index = 0; index < records.blocks.length; index += 1) {
    const block = table.read(index);
    const results: string[] = [];
    for (const [at, row] of block.rows.entries()) {
      if (row.faults.length > 0) continue;
      const number = block.firstRow + at;
      const form = block.resultsOf(row);
      results.push(
        answers.has(number - 1)
          ? writeResults(answers.predictions, answers.bits, number - 1, form, texts)
          : form.failed(`row ${number}: not predicted`),
      );
    }
    yield writeBlock(block, results).output;
  }
}

/** The format of files that are not written for an uploaded one. */
const OWN_FORM = { charset: "utf-8", delimiter: ",", decimal: ".", spreadsheet: true } as const;

/** Cells as a line of CSV with its line break, safe for spreadsheets. */
function csvLine(cells: readonly (string | number)[]): string {
  const bytes = cells.map((cell) => writeCell(String(cell), OWN_FORM)).join(",");
  return `${decode(bytes, OWN_FORM.charset)}\r\n`;
}

/** The file of problems: one line each, with its row (from 1, the header not counted), column and reason. */
export function* badRowsFile(table: BatchTable): Generator<string> {
  const { records, mapping, contract } = table;
  yield csvLine(["row", "column", "value", "reason"]);
  for (const row of table.badRows) {
    const cells = records.cells(row, mapping);
    for (const { feature, reason } of table.problems(row)) {
      const column = mapping[feature ?? -1] ?? null;
      const name =
        column === null
          ? (contract.features[feature ?? -1]?.name ?? "")
          : (records.columns[column] ?? "");
      yield csvLine([row + 1, name, cells[feature ?? -1] ?? "", reason]);
    }
  }
}

/** Texts that real files have where a value belongs. */
const MISTAKES = ["", "-1", "n/a", "NaN", "1e39", "=1+1"];
/** One row in this many gets a mistake, when mistakes are asked for. */
const MISTAKE_EVERY = 50;
/** Spread around a training row, as a share of the feature's range. */
const SPREAD = 0.04;

/** Whether the contract takes a text for a feature, or takes it for a missing value. */
function isTaken(feature: FeatureSpec, text: string, contract: Contract): boolean {
  const value = cellReader(feature, contract)(text, ".");
  if (value === undefined) return false;
  if (value === null) return true;
  if (typeof value === "number")
    return !isNumeric(feature) || featureProblem(feature, value) === null;
  return feature.type !== "category" || takesValue(feature, String(value));
}

interface Column {
  /** A text near a training value. */
  readonly near: (value: FeatureInput, random: () => number) => string;
  /** What the contract does not take. */
  readonly mistakes: readonly string[];
}

function columnOf(contract: Contract, feature: FeatureSpec, values: Row): Column {
  const mistakes = MISTAKES.filter((text) => !isTaken(feature, text, contract));
  if (!isNumeric(feature)) return { near: (value) => String(value ?? ""), mistakes };
  const numbers = values.filter((value) => typeof value === "number");
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const range = most - least;
  const digits =
    feature.type === "integer" ? 0 : Math.max(2, 2 - Math.floor(Math.log10(range || 1)));
  const near = (value: FeatureInput, random: () => number) => {
    if (typeof value !== "number") return "";
    const moved = value + (2 * random() - 1) * SPREAD * range;
    return Math.min(most, Math.max(least, moved)).toFixed(Math.min(digits, 20));
  };
  return { near, mistakes };
}

interface ExampleOptions {
  readonly contract: Contract;
  /** Training rows, `[n, features]`. */
  readonly background: readonly Row[];
  readonly rows: number;
  readonly mistakes: boolean;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
}

/** A CSV file of rows that resemble the training data, some lines at a time. */
export function* exampleTable(options: ExampleOptions): Generator<string> {
  const { contract, background, rows, mistakes, random } = options;
  const columns = contract.features.map((feature, index) =>
    columnOf(
      contract,
      feature,
      background.map((row) => row[index] ?? null),
    ),
  );
  const fallible = columns.flatMap((column, index) => (column.mistakes.length > 0 ? [index] : []));
  yield csvLine(["id", ...contract.features.map(({ name }) => name)]);
  for (let row = 1; row <= rows; row += 1) {
    const base = background[Math.floor(random() * background.length)] ?? [];
    const cells = columns.map(({ near }, index) => near(base[index] ?? null, random));
    if (mistakes && row % MISTAKE_EVERY === 0) {
      const which = fallible[Math.floor(random() * fallible.length)];
      const wrong = which === undefined ? [] : (columns[which]?.mistakes ?? []);
      if (which !== undefined) cells[which] = wrong[(row / MISTAKE_EVERY) % wrong.length] ?? "";
    }
    yield csvLine([row, ...cells]);
  }
}
