import { markdownTable } from "../report/markdown.ts";
import { writeReport } from "../report/write-report.ts";
import { faultsReport, type FaultRow } from "./faults-report.ts";
import { runTests, type TestReport } from "./run-tests.ts";

/** Set by `apps/api/faults/frame/fault.ts`. */
interface Meta {
  readonly fault?: {
    readonly name: string;
    readonly promise: string;
    readonly part: "kept" | "twin";
  };
}

function faultRows(tests: readonly TestReport<Meta>[]): FaultRow[] {
  const rows = new Map<string, FaultRow>();
  for (const { status, meta } of tests) {
    if (meta.fault === undefined) continue;
    const { name, promise, part } = meta.fault;
    const row = rows.get(name) ?? { fault: name, promise, kept: "?", twin: "?" };
    rows.set(name, { ...row, [part]: status === "passed" ? "yes" : "NO" });
  }
  return [...rows.values()];
}

const args = process.argv.slice(2);
const started = performance.now();
// One file at a time: at full size they take what the machine has.
const command = ["--project", "faults", "--maxWorkers=1", ...args];
const { code, tests } = await runTests<Meta>(command, { FAULTS: "full" });
const report = faultsReport(faultRows(tests), (performance.now() - started) / 60_000);
for (const table of report.tables) console.log(markdownTable(table));
// A part of the faults is no evidence of all.
if (args.length === 0) console.log(`\n${writeReport(report).join("\n")}`);
process.exitCode = code;
