import { parseArgs } from "node:util";
import { run } from "./run.ts";

// Sends generated requests to every route and procedure of a server: apps/api/test/fuzz.test.ts.

const { requests, seed } = parseArgs({
  options: { requests: { type: "string", default: "20000" }, seed: { type: "string" } },
}).values;
const variables = { FUZZ_REQUESTS: requests, ...(seed !== undefined && { FUZZ_SEED: seed }) };
const command = ["vitest", "run", "--project", "wire", "apps/api/test/fuzz.test.ts"];
process.exitCode = await run(command, variables);
