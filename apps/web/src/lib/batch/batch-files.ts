import { cellText, type BatchTable } from "./batch-table.ts";
import { csvLine, neutralised } from "./csv-text.ts";

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
