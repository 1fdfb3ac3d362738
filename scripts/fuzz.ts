import { newCommand, runCommand, wholeNumber, type Command } from "@sepal/command-line";
import { run } from "./run.ts";

/** The command `fuzz`. */
export function fuzzCommand(): Command {
  return newCommand(
    "fuzz",
    "Sends generated requests to every route and procedure of a server of its own: apps/api/test/fuzz/fuzz.test.ts.",
  )
    .option("--requests <n>", "requests", wholeNumber(), 20_000)
    .option("--seed <n>", "seed (default: random)", wholeNumber(0))
    .action(async ({ requests, seed }: { readonly requests: number; readonly seed?: number }) => {
      const variables = {
        FUZZ_REQUESTS: String(requests),
        ...(seed !== undefined && { FUZZ_SEED: String(seed) }),
      };
      const command = ["vitest", "run", "--project", "wire", "apps/api/test/fuzz/fuzz.test.ts"];
      process.exitCode = await run(command, variables);
    });
}

if (import.meta.main) await runCommand(fuzzCommand());
