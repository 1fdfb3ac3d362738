import { newCommand, runCommand } from "@sepal/command-line";
import { buildWeb } from "./web-build.ts";

const command = newCommand("build", "Builds the playground.").action(async () => {
  process.exitCode = await buildWeb();
});
await runCommand(command);
