import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markdownTable } from "./markdown-table.ts";
import { run } from "./run.ts";

/** What Vitest's JSON reporter tells of a test; `fault` is set by `apps/api/faults/frame/fault.ts`. */
interface TestReport {
  readonly status: string;
  readonly meta: {
    readonly fault?: { readonly name: string; readonly promise: string; readonly part: string };
  };
}

interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly TestReport[] }[];
}

/** One line a fault: its promise, whether it is kept, and whether the twin broke it. */
function table({ testResults }: Report): string {
  const rows = new Map<string, [string, string, string, string]>();
  for (const { status, meta } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    if (meta.fault === undefined) continue;
    const { name, promise, part } = meta.fault;
    const row = rows.get(name) ?? [name, promise, "?", "?"];
    row[part === "kept" ? 2 : 3] = status === "passed" ? "yes" : "NO";
    rows.set(name, row);
  }
  return markdownTable(["fault", "promise", "kept", "twin broke it"], [...rows.values()]);
}

const folder = mkdtempSync(join(tmpdir(), "sepal-faults-"));
const file = join(folder, "vitest.json");
// One file at a time: at full size they take what the machine has.
const command = ["vitest", "run", "--project", "faults", "--maxWorkers=1"];
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
const code = await run([...command, ...reporters, ...process.argv.slice(2)], { FAULTS: "full" });
try {
  console.log(table(JSON.parse(readFileSync(file, "utf8"))));
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = code;
