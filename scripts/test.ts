import { globSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browserTests } from "./browser-tests.ts";
import { check } from "./check.ts";
import { installFromDebian, onPath } from "./installed-programs.ts";
import { run } from "./run.ts";

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

/** Runs Vitest and returns its counts; a run that ends without a report counts as one failure. */
async function vitest(): Promise<VitestReport> {
  const report = join(mkdtempSync(join(tmpdir(), "sepal-test-")), "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const command = ["vitest", "run", "--project=!deep*", ...reporters];
  const code = await run(command, { NO_COLOR: "1" });
  try {
    const counts: VitestReport = JSON.parse(readFileSync(report, "utf8"));
    // A broken test file fails the run without being a test.
    const failed = code !== 0 && counts.numFailedTests === 0 ? 1 : counts.numFailedTests;
    return { ...counts, numFailedTests: failed };
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 };
  }
}

/** Installs what tests would be skipped without; Debian keeps the programs of PostgreSQL off the path. */
async function installServers(): Promise<void> {
  if (onPath("redis-server") === undefined) await installFromDebian("redis-server");
  if (onPath("initdb") === undefined && globSync("/usr/lib/postgresql/*/bin/initdb").length === 0) {
    await installFromDebian("postgresql");
  }
}

/** Runs `check` and every test, and prints how many passed and failed. */
async function testAll(): Promise<void> {
  const checks = await check();
  await installServers();
  // One after the other: side by side, tests of times fail (record 34).
  const tests = await vitest();
  const browser = await browserTests([]);
  const passed = checks.passed.length + tests.numPassedTests + browser.passed;
  const failed = checks.failed.length + tests.numFailedTests + browser.failed;
  const skipped = tests.numPendingTests + browser.skipped;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed === 0 ? 0 : 1;
}

// With CI set, pnpm only warns when the lockfile is out of date and runs on the old packages.
if (
  process.env["CI"] !== undefined &&
  process.argv.length === 2 &&
  (await run(["pnpm", "install", "--frozen-lockfile"])) !== 0
) {
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const { newCommand, runCommand } = await import("@sepal/command-line");
await runCommand(newCommand("test", "Runs check and every test.").action(testAll));
