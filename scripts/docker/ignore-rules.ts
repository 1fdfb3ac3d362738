import { readdirSync } from "node:fs";
import { join } from "node:path";

interface Rule {
  readonly matches: RegExp;
  /** True for a `!` line, which takes paths back in. */
  readonly includes: boolean;
}

/** Tells whether the build context leaves a path out; the last line that matches decides. */
export type Ignores = (path: string) => boolean;

function pattern(line: string): RegExp {
  const body = line
    .replace(/^\/+|\/+$/g, "")
    .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replaceAll(/\*\*\/|\*\*|\*|\?/g, (wildcard) => {
      if (wildcard === "**/") return "(?:.*/)?";
      if (wildcard === "**") return ".*";
      return wildcard === "*" ? "[^/]*" : "[^/]";
    });
  // A folder that matches takes everything below it along.
  return new RegExp(`^${body}(?:/.*)?$`);
}

/** Reads a .dockerignore. */
export function readIgnoreRules(text: string): Ignores {
  const rules: Rule[] = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ matches: pattern(line.replace(/^!/, "")), includes: line.startsWith("!") }));
  return (path) => rules.findLast((rule) => rule.matches.test(path))?.includes === false;
}

/** Relative paths of all files that the build context holds, sorted. */
export function contextFiles(folder: string, ignores: Ignores): string[] {
  const files: string[] = [];
  const walk = (prefix: string) => {
    for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      // An excluded folder may hold files that a later line takes back in.
      if (entry.isDirectory() && entry.name !== "node_modules" && entry.name !== ".git") walk(path);
      else if (!entry.isDirectory() && !ignores(path)) files.push(path);
      else if (entry.name === "node_modules" && !ignores(path)) {
        throw new Error(`${path} would be sent to the Docker engine: .dockerignore should name it`);
      }
    }
  };
  walk("");
  return files.toSorted();
}
