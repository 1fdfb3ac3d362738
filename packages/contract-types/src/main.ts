import { writeFile } from "node:fs/promises";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { mountedRouter } from "./mounted-router.ts";
import { readContracts } from "./read-contracts.ts";

interface Given {
  readonly output?: string;
  readonly apiKey?: string;
}

/** The command `types`. */
export function typesCommand(): Command {
  return newCommand(
    "types",
    "Writes the types of the contracts that a server mounts: a declaration file that exports MountedRouter, for createClient<AppRouter & MountedRouter>() of @sepal/client.",
  )
    .argument("<from>", "address of a server, such as http://localhost:8000, or a model repository")
    .option("--output <file>", "file to write, such as src/sepal.d.ts (default: standard output)")
    .option("--api-key <key>", "key of a server that has callers")
    .action(async (from: string, { output, apiKey }: Given) => {
      const text = mountedRouter(await readContracts(from, apiKey));
      if (output === undefined) process.stdout.write(text);
      else await writeFile(output, text);
    });
}

if (import.meta.main) await runCommand(typesCommand());
