import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";

const WEB = "apps/web";
const SOURCES = [
  `${WEB}/src`,
  `${WEB}/next.config.ts`,
  `${WEB}/package.json`,
  "packages/evaluator/src",
  "packages/schema/src",
  "packages/settings/src",
  "pnpm-lock.yaml",
];

/** When a file, or the youngest file below a folder, was last changed, in milliseconds. */
function changedAt(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}

function builtAt(): number {
  try {
    return statSync(`${WEB}/.next/BUILD_ID`).mtimeMs;
  } catch {
    return 0;
  }
}

/** Builds the playground and returns the exit code. */
function buildWeb(): Promise<number> {
  return run([process.execPath, `${WEB}/main.ts`, "build"]);
}

/** Builds the playground when its build is missing or older than its sources; returns the exit code. */
export async function buildWebIfStale(): Promise<number> {
  if (builtAt() > Math.max(...SOURCES.map(changedAt))) return 0;
  return await buildWeb();
}

if (import.meta.main) {
  const { newCommand, runCommand } = await import("@sepal/command-line");
  const command = newCommand("build", "Builds the playground.").action(async () => {
    process.exitCode = await buildWeb();
  });
  await runCommand(command);
}
