import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { readSettingsOrExit } from "./src/settings.ts";

const command = process.argv[2] ?? "start";
const settings = readSettingsOrExit({ envFile: ".env" });
const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
const address = ["--hostname", settings.WEB_HOST, "--port", String(settings.WEB_PORT)];
const child = spawn(process.execPath, [next, command, ...(command === "build" ? [] : address)], {
  cwd: fileURLToPath(new URL(".", import.meta.url)),
  env: settings.childEnvironment,
  stdio: "inherit",
});
// Next.js ends with these once it has closed at a signal: an end that was asked for is none that failed.
const ASKED = { SIGINT: 130, SIGTERM: 143 } as const;
let asked = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    asked = true;
    child.kill(signal);
  });
}
child.once("close", (code, signal) => {
  const done = asked && Object.values(ASKED).some((ending) => ending === code);
  process.exitCode = done ? 0 : (code ?? (signal === null ? 1 : 0));
});
