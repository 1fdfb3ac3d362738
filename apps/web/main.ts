import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { readSettingsOrExit, warnOfMisspellings } from "./src/settings.ts";

const command = process.argv[2] ?? "start";
const settings = readSettingsOrExit({ envFile: ".env" });
warnOfMisspellings();
const args =
  command === "build"
    ? [createRequire(import.meta.url).resolve("next/dist/bin/next"), "build"]
    : [fileURLToPath(new URL("server.ts", import.meta.url)), command];
const child = spawn(process.execPath, args, {
  cwd: fileURLToPath(new URL(".", import.meta.url)),
  env: settings.childEnvironment,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("close", (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 0);
});
