import { newCommand, runCommand } from "@sepal/command-line";
import { readEnvFile } from "../packages/settings/src/env-file.ts";
import { settingsOrExit } from "../packages/settings/src/settings-error.ts";
import { runServers } from "./run.ts";

const command = newCommand(
  "dev",
  "Starts API and playground, restarted or reloaded on every change.",
).action(() => {
  // Once, and not by both servers; they read it again at each restart.
  settingsOrExit(() => readEnvFile(".env"));
  runServers([
    ["--watch", "apps/api/src/main.ts"],
    ["apps/web/main.ts", "dev"],
  ]);
});
await runCommand(command);
