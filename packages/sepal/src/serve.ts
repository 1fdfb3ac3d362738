import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { newCommand, wholeNumber, type Command } from "@sepal/command-line";

interface Given {
  readonly host?: string;
  readonly port?: number;
  readonly webPort?: number;
  readonly apiOnly?: true;
}

/** Where the playground is. */
const PLAYGROUND =
  "the playground is not in this package; a checkout of Sepal serves it with `npx -y pnpm@12 start:web`, and its image (deploy/playground.Dockerfile) does, with API_URL set to the address of this server";

/** The command `serve`: the API, with settings from the environment, from .env and, before both, from flags. */
export function serveCommand(): Command {
  return newCommand(
    "serve",
    "Serves the models of a folder: tRPC, REST with OpenAPI at /docs, and the Open Inference Protocol. Other settings come from variables of the environment and from .env.",
  )
    .argument("[folder]", "the model repository (default: MODELS_DIR, or models)")
    .option("--host <address>", "address to listen on (default: HOST, or 127.0.0.1)")
    .option(
      "--port <n>",
      "port to listen on, 0 for any (default: PORT, or 8000)",
      wholeNumber(0, 65_535),
    )
    .option("--api-only", "without the playground, which this package does not have")
    .option(
      "--web-port <n>",
      "port of the playground, where there is one (default: WEB_PORT, or 3000)",
      wholeNumber(0, 65_535),
    )
    .action(async (folder: string | undefined, given: Given, command: Command) => {
      if (given.webPort !== undefined) command.error(`--web-port: ${PLAYGROUND}`);
      if (
        folder !== undefined &&
        (await stat(folder).catch(() => undefined))?.isDirectory() !== true
      ) {
        command.error(`${folder} is no folder; sepal models add makes a model repository`);
      }
      // On a terminal, where somebody may look for it.
      if (given.apiOnly !== true && process.stderr.isTTY) {
        process.stderr.write(`sepal serve: API only: ${PLAYGROUND}\n`);
      }
      const flags = {
        MODELS_DIR: folder === undefined ? undefined : resolve(folder),
        HOST: given.host,
        PORT: given.port,
      };
      for (const [name, value] of Object.entries(flags)) {
        if (value !== undefined) process.env[name] = String(value);
      }
      const server = fileURLToPath(import.meta.resolve("@sepal/api/main"));
      // Further server processes are started with the same program.
      process.argv.splice(1, process.argv.length, server);
      await import("@sepal/api/main");
    });
}
