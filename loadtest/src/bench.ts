import { newCommand, runCommand, wholeNumber, type Command } from "@sepal/command-line";
import { addBenchOptions, benchOptions, type BenchGiven } from "./bench/bench-options.ts";
import { runBench } from "./bench/run-bench.ts";
import { addCompareOptions, compareOptions, type CompareGiven } from "./compare/compare-options.ts";
import { runComparison } from "./compare/run-comparison.ts";
import { endServersOnSignal } from "./harness/servers.ts";

const PEERS = "Sepal against its peers:";
const COMPARISON =
  "Two servers in one run, with --against, --floor-share, --env-base or --env-head:";

/** The command `bench`; `peers` and `comparison` get the options once they are known to be right. */
export function benchCommand(peers = runBench, comparison = runComparison): Command {
  const command = newCommand(
    "bench",
    "Measures Sepal against its peers, or against another commit, settings or bare node:http. The report is written to loadtest/reports/local/.",
  )
    .option(
      "--duration <n>",
      "seconds a run (default: 5, or 3 with two servers in one run)",
      wholeNumber(),
    )
    .option("--warm-up <n>", "seconds of warm-up (default: 2)", wholeNumber(0))
    .option("--publish", "write over the committed report in loadtest/reports/");
  addBenchOptions(command.optionsGroup(PEERS));
  addCompareOptions(command.optionsGroup(COMPARISON));
  return command.action(async (given: BenchGiven & CompareGiven) => {
    const compared = compareOptions(given);
    const other = command.options.find(
      (option) =>
        option.helpGroupHeading === (compared === undefined ? COMPARISON : PEERS) &&
        command.getOptionValueSource(option.attributeName()) === "cli",
    );
    if (other !== undefined) {
      const wrong =
        compared === undefined
          ? "is for two servers in one run: give --against, --floor-share, --env-base or --env-head"
          : "is for Sepal against its peers, not for two servers in one run";
      command.error(`${other.long} ${wrong}`, { exitCode: 2 });
    }
    if (compared === undefined && given.warmUp === 0) {
      command.error("--warm-up 0 is for two servers in one run", { exitCode: 2 });
    }
    const typed = ["npx -y pnpm@12 bench", ...process.argv.slice(2)].join(" ");
    await (compared === undefined
      ? peers(benchOptions(given), typed)
      : comparison(compared, typed));
  });
}

if (import.meta.main) {
  endServersOnSignal();
  await runCommand(benchCommand());
}
