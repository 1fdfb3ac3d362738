import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { runCaptured } from "./run.ts";

const projects = [
  ".",
  ...["packages", "apps"].flatMap(subfolders),
  "loadtest",
  "e2e",
  "sdks",
].filter((folder) => existsSync(`${folder}/tsconfig.json`));

function subfolders(folder: string): string[] {
  return readdirSync(folder).map((name) => `${folder}/${name}`);
}

/** The longest first, so that none of them runs alone at the end. */
const steps: Record<string, string[][]> = {
  lint: [["oxlint", "--deny-warnings"]],
  types: projects.map((project) => ["tsc", "--project", project]),
  format: [["oxfmt", "--check"]],
  audit: [[process.execPath, "scripts/audit.ts"]],
  circles: [[process.execPath, "scripts/folder-circles.ts"]],
  unused: [["knip"]],
  workspace: [["sherif"]],
  "client package": [[process.execPath, "packages/client/scripts/check-package.ts"]],
  settings: [[process.execPath, "scripts/write-settings.ts", "--check"]],
  metrics: [[process.execPath, "scripts/write-metrics.ts", "--check"]],
  "contract schema": [[process.execPath, "scripts/write-contract-schema.ts", "--check"]],
  "shipped models": [[process.execPath, "scripts/write-shipped-models.ts", "--check"]],
  "alert rules": [[process.execPath, "scripts/write-prometheus-rule.ts", "--check"]],
};

/** Runs the commands of a step, prints what they wrote, and returns whether all succeeded. */
async function runStep(name: string, commands: readonly string[][]): Promise<boolean> {
  let good = true;
  let written = "";
  for (const command of commands) {
    const { code, output } = await runCaptured(command);
    if (code !== 0) good = false;
    written += output;
  }
  // Of a step that succeeds, its name says enough.
  if (!good) process.stdout.write(written);
  console.log(`${good ? "ok" : "FAILED"}  ${name}`);
  return good;
}

/** Runs the static checks, as many at once as there are cores, and returns the names of those that failed. */
export async function check(): Promise<{ passed: string[]; failed: string[] }> {
  const passed: string[] = [];
  const failed: string[] = [];
  const waiting = Object.entries(steps);
  const inTurn = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const [name, commands] = step;
      ((await runStep(name, commands)) ? passed : failed).push(name);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, inTurn));
  return { passed, failed };
}

if (import.meta.main) {
  const { newCommand, runCommand } = await import("@sepal/command-line");
  const command = newCommand("check", "Checks format, lint, types, unused code and workspace.");
  command.action(async () => {
    const { failed } = await check();
    process.exitCode = failed.length === 0 ? 0 : 1;
  });
  await runCommand(command);
}
