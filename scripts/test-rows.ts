import { parseArgs } from "node:util";
import { run } from "./run.ts";

// Asks a server for different rows in every way and holds each answer against its row: apps/api/test/rows.test.ts.

const { rows, seed } = parseArgs({
  options: { rows: { type: "string", default: "10000000" }, seed: { type: "string" } },
}).values;
const variables = { TEST_ROWS: rows, ...(seed !== undefined && { TEST_ROWS_SEED: seed }) };
const command = ["vitest", "run", "--project", "wire", "--retry=0", "apps/api/test/rows.test.ts"];
process.exitCode = await run(command, variables);
