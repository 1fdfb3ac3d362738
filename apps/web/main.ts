import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** How long the server may take to finish what it serves, in milliseconds. */
const GRACE_MS = 10_000;

let server: ChildProcess | undefined;
let asked = false;
// First, and what has packages of its own by a dynamic import below: until now a signal to PID 1 is lost.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (server === undefined) process.exit(0);
    // SIGHUP says that what started this process has ended, which often follows another signal.
    if (signal === "SIGHUP" && asked) return;
    asked = true;
    // The server drains at the other two.
    server.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
    setTimeout(() => server?.kill("SIGKILL"), GRACE_MS).unref();
  });
}

const { readSettingsOrExit, warnOfMisspellings } = await import("./src/settings.ts");
const command = process.argv[2] ?? "start";
const settings = readSettingsOrExit({ envFile: ".env" });
warnOfMisspellings();
const args =
  command === "build"
    ? [createRequire(import.meta.url).resolve("next/dist/bin/next"), "build"]
    : [fileURLToPath(new URL("server.ts", import.meta.url)), command];
server = spawn(process.execPath, args, {
  cwd: fileURLToPath(new URL(".", import.meta.url)),
  env: {
    ...settings.childEnvironment,
    // Before Next.js sets it: `path-prefix.ts` reads it first.
    NODE_ENV: command === "dev" ? "development" : "production",
  },
  stdio: "inherit",
});
server.once("close", (code, signal) => {
  process.exitCode = code ?? (signal === null ? 1 : 0);
});
