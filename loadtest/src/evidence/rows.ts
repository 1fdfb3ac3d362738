import { parseArgs } from "node:util";
import { writeReport } from "../report/write-report.ts";
import { rowsReport, type AskedRows } from "./rows-report.ts";
import { runTests } from "./run-tests.ts";

// Asks a server for different rows in every way and holds each answer against its row: apps/api/test/rows.test.ts.

const { rows, seed } = parseArgs({
  options: { rows: { type: "string", default: "10000000" }, seed: { type: "string" } },
}).values;
const variables = { TEST_ROWS: rows, ...(seed !== undefined && { TEST_ROWS_SEED: seed }) };
const { code, tests } = await runTests<{ readonly rows?: AskedRows }>(
  ["--project", "wire", "--retry=0", "apps/api/test/rows.test.ts"],
  variables,
);
const asked = tests.find(({ meta }) => meta.rows !== undefined)?.meta.rows;
if (asked !== undefined) {
  console.log(writeReport(rowsReport(asked, Number(rows), code === 0)).join("\n"));
}
process.exitCode = code;
