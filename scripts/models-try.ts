import { resolve } from "node:path";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { run } from "./run.ts";

/** The command `models:try`. */
export function tryModelsCommand(): Command {
  return newCommand(
    "models:try",
    "Adds exported models to a server that runs, compares its predictions with those of the libraries, scores the table of each over HTTP, by score and as the playground does, and prints a table: apps/api/test/add-model/exported-models.test.ts.",
    1,
  )
    .option(
      "--models <folder>",
      "folder of cases: <name>/<name>.onnx, <name>/<name>.csv and, with the library's predictions, <name>/test.json",
      "apps/api/test/fixtures/exported",
    )
    .action(async ({ models }: { readonly models: string }) => {
      const file = "apps/api/test/add-model/exported-models.test.ts";
      process.exitCode = await run(["vitest", "run", "--project", "wire", file], {
        EXPORTED_MODELS: resolve(models),
      });
    });
}

if (import.meta.main) await runCommand(tryModelsCommand());
