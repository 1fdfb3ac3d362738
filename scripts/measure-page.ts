import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { runPageScript } from "./page-script.ts";

/** The command `measure:page`. */
export function measurePageCommand(): Command {
  return newCommand(
    "measure:page",
    "Measures the predict page on servers of its own: first-load JavaScript, slider to result, Lighthouse. Needs the network and, where there is no Chromium, the right to install one.",
  ).action(async () => {
    process.exitCode = await runPageScript("e2e/measure/page.ts");
  });
}

if (import.meta.main) await runCommand(measurePageCommand());
