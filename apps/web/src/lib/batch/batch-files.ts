import type { Contract } from "@sepal/schema/define-contract";
import { cellText, type BatchTable } from "./batch-table.ts";

/** A spreadsheet takes text that starts with these for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** A cell whose text no spreadsheet runs as a formula; numbers stay as they are. */
function neutralised(text: string, isNumber: boolean): string {
  return !isNumber && FORMULA.test(text) ? `'${text}` : text;
}

/** Cells as a line of CSV (RFC 4180) with its line break. */
function csvLine(cells: readonly (string | number)[]): string {
  const quoted = cells.map((cell) => {
    const text = String(cell);
    return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(",")}\r\n`;
}

function safe({ records }: BatchTable, cell: unknown): string {
  const text = cellText(cell);
  return neutralised(text, typeof records.value(cell) === "number");
}

function problemText(table: BatchTable, row: number): string {
  return table
    .problems(row)
    .map(({ feature, reason }) => {
      const name = feature === null ? undefined : table.contract.features[feature]?.name;
      return name === undefined ? reason : `${name}: ${reason}`;
    })
    .join("; ");
}

/** The file of all rows: input columns, then the answer's, then what is wrong. */
export function* resultsFile(table: BatchTable): Generator<string> {
  const { contract, records, answers } = table;
  const { columns } = records;
  const added = [
    "class",
    "label",
    "confidence",
    ...contract.classes.map((label) => `proba_${label}`),
  ];
  yield csvLine([...columns.map((name) => neutralised(name, false)), ...added, "error"]);
  for (let row = 0; row < records.rows; row += 1) {
    const cells = records.row(row)?.cells ?? [];
    const input = columns.map((_, index) => safe(table, cells[index]));
    const answer = answers.get(row);
    const output =
      answer === null
        ? added.map(() => "")
        : [answer.class, contract.classes[answer.class] ?? "", answer.confidence, ...answer.proba];
    yield csvLine([...input, ...output, problemText(table, row)]);
  }
}

/** The file of problems: one line each, with its row (from 1, the header not counted), column and reason. */
export function* badRowsFile(table: BatchTable): Generator<string> {
  const { records, mapping, contract } = table;
  yield csvLine(["row", "column", "value", "reason"]);
  for (const row of table.badRows) {
    const cells = records.row(row)?.cells ?? [];
    for (const { feature, reason } of table.problems(row)) {
      const column = feature === null ? null : (mapping[feature] ?? null);
      const name =
        column === null
          ? (contract.features[feature ?? -1]?.name ?? "")
          : (records.columns[column] ?? "");
      const value = column === null ? "" : safe(table, cells[column]);
      yield csvLine([row + 1, neutralised(name, false), value, reason]);
    }
  }
}

/** Mistakes that real files have, one for each row that gets one. */
const MISTAKES = ["", "-1", "n/a", "NaN", "1e39", "=1+1"];
/** One row in this many gets a mistake, when mistakes are asked for. */
const MISTAKE_EVERY = 50;
/** Spread around a training row, as a share of the feature's range. */
const SPREAD = 0.04;

interface ExampleOptions {
  readonly contract: Contract;
  /** Training rows, `[n, features]`. */
  readonly background: readonly (readonly number[])[];
  readonly rows: number;
  readonly mistakes: boolean;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
}

/** A CSV file of rows that resemble the training data, some lines at a time. */
export function* exampleTable(options: ExampleOptions): Generator<string> {
  const { contract, background, rows, mistakes, random } = options;
  const names = contract.features.map(({ name }) => name);
  const columns = names.map((_, index) => background.map((row) => row[index] ?? 0));
  const lowest = columns.map((values) => Math.min(...values));
  const spread = columns.map(
    (values, index) => SPREAD * (Math.max(...values) - (lowest[index] ?? 0)),
  );
  yield csvLine(["id", ...names]);
  for (let row = 1; row <= rows; row += 1) {
    const base = background[Math.floor(random() * background.length)] ?? [];
    const cells: (string | number)[] = base.map((value, index) => {
      const moved = value + (2 * random() - 1) * (spread[index] ?? 0);
      return Math.max(lowest[index] ?? moved, moved).toFixed(2);
    });
    if (mistakes && row % MISTAKE_EVERY === 0) {
      const which = Math.floor(random() * cells.length);
      cells[which] = MISTAKES[(row / MISTAKE_EVERY) % MISTAKES.length] ?? "";
    }
    yield csvLine([row, ...cells]);
  }
}
