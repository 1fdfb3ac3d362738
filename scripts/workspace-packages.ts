import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What is read of a package.json. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Reads the package.json of a folder of the workspace. */
export function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, "utf8"));
}

/** Folders of the workspace's packages by their names. */
function packageFolders(): ReadonlyMap<string, string> {
  const folders = ["apps", "packages"].flatMap((parent) =>
    readdirSync(`${ROOT}${parent}`).map((name) => `${parent}/${name}`),
  );
  return new Map(folders.map((folder) => [readPackage(folder).name, folder]));
}

/** Folders, by name, of the packages of the workspace that one depends on while it runs, and of those that these depend on. */
export function neededPackages(folder: string): ReadonlyMap<string, string> {
  const folders = packageFolders();
  const found = new Map<string, string>();
  const add = (dependent: string) => {
    for (const name of Object.keys(readPackage(dependent).dependencies ?? {})) {
      const needed = folders.get(name);
      if (needed === undefined || found.has(name)) continue;
      found.set(name, needed);
      add(needed);
    }
  };
  add(folder);
  return found;
}
