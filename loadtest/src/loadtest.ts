import { newCommand, runCommand, type Command } from "@sepal/command-line";
import type { Experiment } from "./experiment.ts";
import { batchVsSingles } from "./experiments/batch-vs-singles.ts";
import { contractSwaps } from "./experiments/contract-swaps.ts";
import { course } from "./experiments/course.ts";
import { faults } from "./experiments/faults.ts";
import { file } from "./experiments/file.ts";
import { freshStart } from "./experiments/fresh-start.ts";
import { halfLoad } from "./experiments/half-load.ts";
import { isolation } from "./experiments/isolation.ts";
import { largeBatches } from "./experiments/large-batches.ts";
import { loadOnce } from "./experiments/load-once.ts";
import { memory } from "./experiments/memory.ts";
import { overload } from "./experiments/overload.ts";
import { rows } from "./experiments/rows.ts";
import { soak } from "./experiments/soak.ts";
import { swaps } from "./experiments/swaps.ts";
import { sweep } from "./experiments/sweep.ts";
import { syncVsAsync } from "./experiments/sync-vs-async.ts";
import { workers } from "./experiments/workers.ts";
import { endServersOnSignal } from "./harness/servers.ts";
import { addNumbers, numbersOf } from "./options.ts";
import { printReport, writeReport } from "./report/render.ts";

/** The first one runs where no name is given. */
const EXPERIMENTS: readonly Experiment[] = [
  course,
  freshStart,
  halfLoad,
  isolation,
  workers,
  largeBatches,
  memory,
  batchVsSingles,
  file,
  loadOnce,
  syncVsAsync,
  swaps,
  contractSwaps,
  sweep,
  overload,
  soak,
  faults,
  rows,
];

/** What a call of `loadtest` asks for. */
export interface Call {
  readonly experiment: Experiment;
  readonly options: Readonly<Record<string, number>>;
  readonly args: readonly string[];
  readonly publish: boolean;
}

/** The command `loadtest` with its experiments; `start` gets the call once it is known to be right. */
export function loadtestCommand(start: (call: Call) => Promise<void>): Command {
  const program = newCommand(
    "loadtest",
    "Measures Sepal under load, each time on servers of its own; without a name, the course's homework. Reports are written to loadtest/reports/local/ and shown by the playground. `<experiment> --help` lists its options.",
  ).usage("[experiment] [options]");
  for (const experiment of EXPERIMENTS) {
    const { name, asks, options, takes } = experiment;
    const command = newCommand(name, asks).option(
      "--publish",
      "write over the committed report in loadtest/reports/",
    );
    addNumbers(command, options);
    if (takes !== undefined) command.argument("[tests...]", takes);
    command.action(() =>
      start({
        experiment,
        options: numbersOf(command, options),
        args: command.args,
        publish: command.opts<{ publish?: boolean }>().publish ?? false,
      }),
    );
    program.addCommand(command, { isDefault: experiment === course });
  }
  // Without this, an unknown name is an argument too many for the default experiment.
  program.hook("preSubcommand", (_program, command) => {
    const [first] = program.args;
    const known = EXPERIMENTS.some(({ name }) => name === first);
    if (command.name() === course.name && first !== undefined && !first.startsWith("-") && !known) {
      const names = EXPERIMENTS.map(({ name }) => name).join(", ");
      program.error(`there is no experiment "${first}"; there are: ${names}`, { exitCode: 2 });
    }
  });
  return program;
}

async function run({ experiment, options, args, publish }: Call): Promise<void> {
  endServersOnSignal();
  const typed = process.argv.slice(2);
  const rest = typed[0] === experiment.name ? typed.slice(1) : typed;
  const command = ["npx -y pnpm@12", experiment.script, ...rest].join(" ");
  const { report, partial, failed } = await experiment.measure(options, command, args);
  printReport(report);
  if (!partial) console.log(`\n${writeReport(report, { publish }).join("\n")}`);
  if (failed) process.exitCode = 1;
}

if (import.meta.main) await runCommand(loadtestCommand(run));
