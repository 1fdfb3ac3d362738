import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyFromContext } from "./build-stage.ts";

const FILES = ["package.json", "src/main.ts", "src/rest/routes.ts"];

let folder: string;
let context: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sepal-copy-"));
  context = join(folder, "context");
  mkdirSync(join(context, "src/rest"), { recursive: true });
  for (const file of FILES) writeFileSync(join(context, file), file);
});
afterEach(() => rmSync(folder, { recursive: true }));

function copied(sources: string[], destination: string): string[] {
  const root = join(folder, "stage");
  copyFromContext({ sources, destination, root, workdir: "/app" }, context, FILES);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted();
}

test("a file into a folder, or under another name", () => {
  expect(copied(["package.json"], "api/")).toEqual(["/app/api/package.json"]);
  expect(copied(["package.json"], "/other.json")).toContain("/other.json");
});

test("of a folder its content", () => {
  expect(copied(["src"], "lib")).toEqual(["/app/lib/main.ts", "/app/lib/rest/routes.ts"]);
});

test("a source outside the context is refused", () => {
  expect(() => copied(["sources"], "lib")).toThrow('"sources" is not in the build context');
});
