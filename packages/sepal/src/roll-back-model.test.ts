import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("roll-back-model.ts", import.meta.url));
const iris = fileURLToPath(new URL("../../../models/iris-mlp", import.meta.url));

let repository: string;
const path = (...names: string[]) => join(repository, ...names);
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), "sepal-rollback-"));
  await cp(iris, path("m"), { recursive: true });
  for (const version of ["9", "10"])
    await cp(path("m", "1"), path("m", version), { recursive: true });
  // Half-written, and therefore no version.
  await mkdir(path("m", "9.5"));
  await writeDefault("10");
});
afterEach(() => rm(repository, { recursive: true, force: true }));

async function writeDefault(version: string): Promise<void> {
  const file = JSON.parse(await readFile(path("m", "model.json"), "utf8"));
  await writeFile(path("m", "model.json"), JSON.stringify({ ...file, default_version: version }));
}

function rollBack(...args: string[]) {
  // Nothing of Python, nor of anything else, is at hand.
  const env = { PATH: "", MODELS_DIR: repository };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    env,
    encoding: "utf8",
    cwd: repository,
  });
  return { status, stdout, stderr };
}

const written = async () => JSON.parse(await readFile(path("m", "model.json"), "utf8"));

test("names the version before, and says what it did and how to undo it", async () => {
  const before = await written();
  const { status, stdout } = rollBack("m");
  expect(status).toBe(0);
  expect(stdout).toContain("m: default version 10 -> 9 (");
  expect(stdout).toContain("Back again: pnpm models:rollback m 10\n");
  expect(await written()).toEqual({ ...before, default_version: "9" });
  expect(rollBack("m").stdout).toContain("9 -> 1");
  expect(rollBack("m", "10").stdout).toContain("1 -> 10");
  expect((await written()).default_version).toBe("10");
  expect((await readdir(path("m"))).filter((name) => name.startsWith("."))).toEqual([]);
});

test("follows a link to the file and leaves the link", async () => {
  await cp(path("m", "model.json"), path("real.json"));
  await rm(path("m", "model.json"));
  await symlink("../real.json", path("m", "model.json"));
  expect(rollBack("m").status).toBe(0);
  expect(JSON.parse(await readFile(path("real.json"), "utf8")).default_version).toBe("9");
  expect((await written()).default_version).toBe("9");
});

test("changes nothing where the version is the default already", () => {
  const { status, stdout } = rollBack("m", "10");
  expect([status, stdout]).toEqual([0, "m: version 10 is the default already\n"]);
});

test.each([
  [["m", "7"], "there is no version 7; there are: 1, 9, 10"],
  [["m", "9.5"], "there is no version 9.5; there are: 1, 9, 10"],
  [["rose"], "there is no model rose in "],
  [["../m"], "command-argument value '../m' is invalid for argument 'model'. "],
  [[], "missing required argument 'model'; usage: pnpm models:rollback <model> [version], "],
  [["m", "1", "2"], "too many arguments"],
])("refuses %j", async (args, reason) => {
  const before = await written();
  const { status, stderr } = rollBack(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(`models:rollback: ${reason}`);
  expect(await written()).toEqual(before);
});

test("refuses to go back from the first version", async () => {
  await writeDefault("1");
  const { status, stderr } = rollBack("m");
  expect(status).toBe(1);
  expect(stderr).toContain("there is no version before 1; there are: 1, 9, 10");
});
