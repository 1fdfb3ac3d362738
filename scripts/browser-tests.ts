import { readFileSync, rmSync } from "node:fs";
import { findChromium } from "./installed-programs.ts";
import { run } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

const REPORT = "e2e/test-results/report.json";

/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface PlaywrightReport {
  readonly stats: {
    readonly expected: number;
    readonly unexpected: number;
    readonly flaky: number;
    readonly skipped: number;
  };
}

/** Builds the playground where needed, finds a Chromium and runs Playwright; a run without a report is one failure. */
export async function browserTests(args: readonly string[] = []): Promise<TestCounts> {
  rmSync(REPORT, { force: true });
  try {
    if ((await buildWebIfStale()) !== 0) throw new Error("the playground cannot be built");
    const chromium = await findChromium();
    const code = await run(
      [
        process.execPath,
        "e2e/node_modules/@playwright/test/cli.js",
        "test",
        "--config=e2e",
        ...args,
      ],
      chromium === null ? {} : { CHROMIUM: chromium },
    );
    const { stats }: PlaywrightReport = JSON.parse(readFileSync(REPORT, "utf8"));
    const failed = stats.unexpected + stats.flaky;
    return {
      passed: stats.expected,
      failed: code !== 0 && failed === 0 ? 1 : failed,
      skipped: stats.skipped,
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

if (import.meta.main) {
  const { newCommand, runCommand } = await import("@sepal/command-line");
  const command = newCommand("test:e2e", "Runs the browser tests against servers of their own.")
    .argument("[args...]", "arguments of `playwright test`, options included")
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: readonly string[]) => {
      const { failed } = await browserTests(args);
      process.exitCode = failed === 0 ? 0 : 1;
    });
  await runCommand(command);
}
