import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of the workspace. */
export const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** A Markdown file of the repository: its path from the root, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Whether a folder holds what others wrote: installed packages, reports of the browser tests, what git keeps. */
function isOthers(folder: string): boolean {
  return ["node_modules", "test-results"].includes(folder) || folder.startsWith(".");
}

function find(folder: string): string[] {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    if (entry.isDirectory()) {
      return isOthers(entry.name) ? [] : find(`${path}/`);
    }
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** Every Markdown file of the repository; installed packages and folders with a dot are none of it. */
export const pages: readonly Page[] = find("").map((path) => ({
  path,
  text: readFileSync(root + path, "utf8"),
}));
