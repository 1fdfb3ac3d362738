import { newCommand, runCommand } from "@sepal/command-line";
import { runServers } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

const command = newCommand(
  "start:web",
  "Starts the playground alone; builds it first where the build is out of date.",
).action(async () => {
  const built = await buildWebIfStale();
  if (built !== 0) process.exit(built);
  runServers([["apps/web/main.ts", "start"]]);
});
await runCommand(command);
