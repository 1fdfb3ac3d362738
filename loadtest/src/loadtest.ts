import { runCourse } from "./course.ts";
import { markdownTable } from "./markdown.ts";
import { endServersOnSignal } from "./peer-server.ts";
import type { Report } from "./report.ts";
import { readScenarioOptions, type ScenarioOptions } from "./scenario-options.ts";
import { runSweep } from "./sweep.ts";
import { writeReport } from "./write-report.ts";

interface Experiment {
  readonly run: (options: ScenarioOptions, command: string) => Promise<Report>;
  readonly defaults: ScenarioOptions;
}

const PORT = 18_390;

/** The experiments by the word after `pnpm loadtest`; the course's homework has none. */
const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  "": { run: runCourse, defaults: { seconds: 60, connections: 100, port: PORT } },
  sweep: { run: runSweep, defaults: { seconds: 5, connections: 256, port: PORT } },
};

const args = process.argv.slice(2);
const named = args[0] !== undefined && !args[0].startsWith("-");
const experiment = EXPERIMENTS[named ? (args[0] ?? "") : ""];
if (experiment === undefined) {
  const names = Object.keys(EXPERIMENTS).filter((name) => name !== "");
  console.error(`loadtest: there is no "${args[0]}"; there are: ${names.join(", ")}`);
  process.exit(2);
}
endServersOnSignal();
const options = readScenarioOptions(named ? args.slice(1) : args, experiment.defaults);
const report = await experiment.run(options, ["pnpm loadtest", ...args].join(" "));
for (const table of report.tables) console.log(`\n${table.title}\n${markdownTable(table)}\n`);
for (const { figure, asked, measured, verdict, reason } of report.verdicts) {
  console.log(`${verdict}: ${figure} ${measured}, asked ${asked}; ${reason}`);
}
console.log(`\n${writeReport(report).join("\n")}`);
