import { existsSync, readdirSync } from "node:fs";
import { run } from "./run.ts";

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

const steps: Record<string, string[][]> = {
  format: [["oxfmt", "--check"]],
  audit: [[process.execPath, "scripts/audit.ts"]],
  lint: [["oxlint", "--deny-warnings"]],
  types: projects.map((project) => ["tsc", "--project", project]),
  circles: [[process.execPath, "scripts/folder-circles.ts"]],
  unused: [["knip"]],
  workspace: [["sherif"]],
  settings: [[process.execPath, "scripts/write-settings.ts", "--check"]],
  metrics: [[process.execPath, "scripts/write-metrics.ts", "--check"]],
  "alert rules": [[process.execPath, "scripts/write-prometheus-rule.ts", "--check"]],
};

/** Runs the static checks and returns the names of those that failed. */
export async function check(): Promise<{ passed: string[]; failed: string[] }> {
  const passed: string[] = [];
  const failed: string[] = [];
  for (const [name, commands] of Object.entries(steps)) {
    let good = true;
    for (const command of commands) {
      if ((await run(command)) !== 0) good = false;
    }
    console.log(`${good ? "ok" : "FAILED"}  ${name}`);
    (good ? passed : failed).push(name);
  }
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
