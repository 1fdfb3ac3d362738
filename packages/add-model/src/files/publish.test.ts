import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { publish, requireFree, stagingFolder, writeFiles } from "./publish.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sepal-publish-"));
  await writeFiles(
    root,
    new Map([
      ["models/old/model.json", "old"],
      ["blocked", "a file"],
    ]),
  );
});
afterEach(() => rm(root, { recursive: true, force: true }));

const read = (...names: string[]) => readFile(join(root, ...names), "utf8");

test("everything stands in its place, and the staging folder is gone", async () => {
  {
    await using staging = await stagingFolder(root);
    const files = new Map([
      ["models/old/model.json", "new"],
      ["contracts/leaf.ts", "leaf"],
    ]);
    await writeFiles(staging.path, files);
    await publish(staging.path, root, ["models/old", "contracts/leaf.ts"]);
  }
  expect(await read("models/old/model.json")).toBe("new");
  expect(await read("contracts/leaf.ts")).toBe("leaf");
  expect((await readdir(root)).toSorted()).toEqual(["blocked", "contracts", "models"]);
});

test("when one place cannot be taken, all are as they were", async () => {
  await using staging = await stagingFolder(root);
  const files = new Map([
    ["models/old/model.json", "new"],
    ["models/more/model.json", "more"],
  ]);
  await writeFiles(staging.path, files);
  const places = ["models/old", "models/more", "blocked/leaf.ts"];
  await expect(publish(staging.path, root, places)).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(await read("models/old/model.json")).toBe("old");
  expect(await readdir(join(root, "models"))).toEqual(["old"]);
  expect(await read("blocked")).toBe("a file");
});

test("what is there is named", () => {
  expect(() => requireFree(root, ["models/new", "models/old"])).toThrow(
    "models/old is there already; --force replaces",
  );
});
