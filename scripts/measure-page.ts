import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { findChromium } from "./installed-programs.ts";
import { run } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

/** The command `measure:page`. */
export function measurePageCommand(): Command {
  return newCommand(
    "measure:page",
    "Measures the predict page on servers of its own: first-load JavaScript, slider to result, Lighthouse. Needs the network and, where there is no Chromium, the right to install one.",
  ).action(async () => {
    if ((await buildWebIfStale()) !== 0) throw new Error("the playground cannot be built");
    const chromium = await findChromium();
    process.exitCode = await run(
      [process.execPath, "e2e/measure/page.ts"],
      chromium === null ? {} : { CHROMIUM: chromium },
    );
  });
}

if (import.meta.main) await runCommand(measurePageCommand());
