import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { runPageScript } from "./page-script.ts";

/** The command `docs:pictures`. */
export function picturesCommand(): Command {
  return newCommand(
    "docs:pictures",
    "Takes the pictures of README and docs/playground.md anew, from servers of its own. Run it on a machine that is otherwise idle: the pictures show times.",
  ).action(async () => {
    process.exitCode = await runPageScript("e2e/measure/pictures.ts");
  });
}

if (import.meta.main) await runCommand(picturesCommand());
