import { installFromDebian, onPath } from "./debian-program.ts";
import { run } from "./run.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function systemChromium(): string | undefined {
  return NAMES.map(onPath).find((file) => file !== undefined);
}

/**
 * A Chromium for the browser tests: the system's, else Debian's when this may install it, else
 * Playwright's own download, for which the answer is `null`. Throws when none can be had.
 */
export async function findChromium(): Promise<string | null> {
  const found = systemChromium();
  if (found !== undefined) return found;
  await installFromDebian("chromium");
  const installed = systemChromium();
  if (installed !== undefined) return installed;
  const cli = "e2e/node_modules/@playwright/test/cli.js";
  if ((await run([process.execPath, cli, "install", "chromium"])) === 0) return null;
  throw new Error("no Chromium: install one and put it on the path");
}
