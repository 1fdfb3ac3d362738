import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const IMPORT = /(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/** The folder below `src` that a file of a package stands in; its own name where it stands in `src` itself. */
function room(file: string): { source: string; name: string } | undefined {
  const [, source, name] = /^(.*?\bsrc)\/([^/]+)/.exec(file) ?? [];
  return source === undefined || name === undefined ? undefined : { source, name };
}

/** Which rooms of each source folder import which others; tests may import whatever they test. */
export function roomImports(
  files: readonly string[],
  read: (file: string) => string,
): Map<string, Map<string, Set<string>>> {
  const sources = new Map<string, Map<string, Set<string>>>();
  for (const file of files) {
    const from = room(file);
    if (from === undefined || /\.(?:test|bench)\.|\.test-d\./.test(file)) continue;
    for (const [, path = ""] of read(file).matchAll(IMPORT)) {
      const to = room(join(dirname(file), path));
      if (to === undefined || to.source !== from.source || to.name === from.name) continue;
      const rooms = sources.get(from.source) ?? new Map<string, Set<string>>();
      sources.set(from.source, rooms);
      rooms.set(from.name, (rooms.get(from.name) ?? new Set()).add(to.name));
    }
  }
  return sources;
}

/** The groups of rooms that import each other, directly or through others. */
export function circles(rooms: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reach = (start: string): Set<string> => {
    const seen = new Set<string>();
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const next of rooms.get(at) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    return seen;
  };
  const found: string[][] = [];
  const placed = new Set<string>();
  for (const name of rooms.keys()) {
    if (placed.has(name)) continue;
    const reached = reach(name);
    const circle = [...reached].filter((other) => other !== name && reach(other).has(name));
    if (circle.length === 0) continue;
    const group = [name, ...circle].toSorted();
    for (const member of group) placed.add(member);
    found.push(group);
  }
  return found;
}

if (import.meta.main) {
  const files = execFileSync("git", ["ls-files", "*.ts", "*.tsx"], { encoding: "utf8" });
  const present = files.split("\n").filter((file) => file !== "" && existsSync(file));
  const sources = roomImports(present, (file) => readFileSync(file, "utf8"));
  for (const [source, rooms] of sources) {
    for (const circle of circles(rooms)) {
      console.error(
        `${source}: ${circle.join(", ")} import each other: move what they share to one of them`,
      );
      process.exitCode = 1;
    }
  }
}
