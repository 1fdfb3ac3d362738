import { runBatchVsSingles } from "./scenarios/batch-vs-singles.ts";
import { runCourse } from "./scenarios/course.ts";
import { runFile } from "./scenarios/file.ts";
import { runHalfLoad } from "./scenarios/half-load.ts";
import { runIsolation } from "./scenarios/isolation.ts";
import { runLargeBatches } from "./scenarios/large-batches.ts";
import { runLoadOnce } from "./scenarios/load-once.ts";
import { markdownTable } from "./report/markdown.ts";
import { FULL_REQUESTS } from "./scenarios/memory-report.ts";
import { runMemory } from "./scenarios/memory.ts";
import { endServersOnSignal } from "./servers/peer-server.ts";
import type { Report } from "./report/report.ts";
import {
  readScenarioOptions,
  type OptionName,
  type ScenarioOptions,
} from "./scenarios/scenario-options.ts";
import { FULL_SECONDS } from "./soak/soak-verdicts.ts";
import { runSoak } from "./soak/soak.ts";
import { FULL_SWAPS } from "./scenarios/swaps-report.ts";
import { runSwaps } from "./scenarios/swaps.ts";
import { runOverload } from "./scenarios/overload.ts";
import { runSweep } from "./scenarios/sweep.ts";
import { runSyncVsAsync } from "./scenarios/sync-vs-async.ts";
import { runWorkers } from "./scenarios/workers.ts";
import { writeReport } from "./report/write-report.ts";

/** Reads the options, throwing what is wrong with them, and gives what then runs. */
type Experiment = (args: readonly string[]) => (command: string) => Promise<Report>;

function experiment<Name extends OptionName>(
  run: (options: ScenarioOptions<Name>, command: string) => Promise<Report>,
  defaults: ScenarioOptions<Name>,
): Experiment {
  return (args) => {
    const options = readScenarioOptions(args, defaults);
    return (command) => run(options, command);
  };
}

const port = 18_390;

/** The experiments by the word after `pnpm loadtest`; the course's homework has none. */
const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  "": experiment(runCourse, { duration: 60, connections: 100, port }),
  "half-load": experiment(runHalfLoad, { duration: 10, connections: 256, repeats: 3, port }),
  isolation: experiment(runIsolation, {
    duration: 10,
    rate: 1000,
    connections: 64,
    repeats: 3,
    port,
  }),
  "large-batches": experiment(runLargeBatches, {
    duration: 5,
    connections: 4,
    repeats: 3,
    rows: 10_000,
    port,
  }),
  memory: experiment(runMemory, { requests: FULL_REQUESTS, connections: 100, port }),
  // As many for each of two processes as the other experiments give to one.
  workers: experiment(runWorkers, { duration: 5, connections: 200, repeats: 3, workers: 2, port }),
  "batch-vs-singles": experiment(runBatchVsSingles, { repeats: 200, port }),
  file: experiment(runFile, { rows: 1_000_000, port }),
  "load-once": experiment(runLoadOnce, { requests: 100, port }),
  "sync-vs-async": experiment(runSyncVsAsync, { duration: 45, connections: 200, port }),
  swaps: experiment(runSwaps, { swaps: FULL_SWAPS, connections: 8, port }),
  overload: experiment(runOverload, { duration: 600, connections: 1000, port }),
  soak: experiment(runSoak, {
    duration: FULL_SECONDS,
    rate: 1200,
    connections: 64,
    seed: 7,
    port,
  }),
  sweep: experiment(runSweep, { duration: 5, connections: 256, port }),
};

function fail(error: unknown, code: number): never {
  console.error(`loadtest: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(code);
}

function prepare(args: readonly string[]): (command: string) => Promise<Report> {
  const named = args[0] !== undefined && !args[0].startsWith("-");
  const name = named ? (args[0] ?? "") : "";
  const found = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
  try {
    if (found === undefined) {
      const names = Object.keys(EXPERIMENTS).filter((name) => name !== "");
      throw new Error(`there is no "${name}"; there are: ${names.join(", ")}`);
    }
    return found(named ? args.slice(1) : args);
  } catch (error) {
    return fail(error, 2);
  }
}

const args = process.argv.slice(2);
const run = prepare(args);
endServersOnSignal();
try {
  const report = await run(["npx -y pnpm@12 loadtest", ...args].join(" "));
  for (const table of report.tables) console.log(`\n${table.title}\n${markdownTable(table)}\n`);
  for (const { figure, asked, measured, verdict, reason } of report.verdicts) {
    console.log(`${verdict}: ${figure} ${measured}, asked ${asked}; ${reason}`);
  }
  console.log(`\n${writeReport(report).join("\n")}`);
} catch (error) {
  fail(error, 1);
}
