import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./run.ts";

/** Where a program lies on the path; `undefined` when it is on none. */
export function onPath(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Installs one of Debian's packages where this may; what comes of it is seen on the path. */
export async function installFromDebian(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || onPath("apt-get") === undefined) return;
  await run(["apt-get", "update", "-q"]);
  const variables = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "install", "-y", "-q", "--no-install-recommends", name], variables);
}

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function systemChromium(): string | undefined {
  return CHROMIUM.map(onPath).find((file) => file !== undefined);
}

/**
 * A Chromium for the browser tests: the system's, else Debian's when this may install it, else
 * Playwright's own download, for which it returns `null`. Throws when none can be had.
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
