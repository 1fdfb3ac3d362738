import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface PackageJson {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (folder: string): PackageJson =>
  JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, "utf8"));

const FOLDERS = new Map(
  readdirSync(`${ROOT}packages`).map((name) => [read(`packages/${name}`).name, `packages/${name}`]),
);

/** Folders of the packages of the workspace that one needs while it runs, and of those that these need. */
function needed(folder: string, found = new Set<string>()): ReadonlySet<string> {
  for (const name of Object.keys(read(folder).dependencies ?? {})) {
    const other = FOLDERS.get(name);
    if (other === undefined || found.has(other)) continue;
    found.add(other);
    needed(other, found);
  }
  return found;
}

test.each([
  ["Dockerfile", "apps/api"],
  ["deploy/playground.Dockerfile", "apps/web"],
])("%s copies every package that %s needs", (dockerfile, app) => {
  const text = readFileSync(`${ROOT}${dockerfile}`, "utf8");
  for (const folder of needed(app)) {
    expect(text).toContain(`COPY ${folder}/package.json ${folder}/\n`);
    expect(text).toContain(`COPY ${folder}/src ${folder}/src\n`);
  }
});
