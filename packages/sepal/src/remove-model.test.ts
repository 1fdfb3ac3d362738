import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("remove-model.ts", import.meta.url));
const run = promisify(execFile);

let repository: string;
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), "sepal-remove-"));
});
afterEach(() => rm(repository, { recursive: true, force: true }));

async function write(path: string, value: unknown): Promise<void> {
  const target = join(repository, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, JSON.stringify(value));
}

async function addModel(name: string, contract: string, dataset: string): Promise<void> {
  await write(`${name}/model.json`, { contract });
  await write(`${name}/1/manifest.json`, { training: { dataset } });
  await write(`contracts/${contract}.json`, {});
  await write(dataset, {});
}

const there = (path: string) =>
  access(join(repository, path)).then(
    () => true,
    () => false,
  );

async function remove(...args: string[]): Promise<string> {
  const env = { ...process.env, MODELS_DIR: repository };
  const { stdout } = await run(process.execPath, [script, ...args], { env, cwd: repository });
  return stdout;
}

test("removes a model with its contract and its data", async () => {
  await addModel("prices", "houses", "datasets/prices.csv");
  await addModel("flowers", "iris", "datasets/iris.csv");
  expect(await remove("prices")).toContain(`removed ${join(repository, "prices")}\n`);
  for (const path of ["prices", "contracts/houses.json", "datasets/prices.csv"]) {
    expect(await there(path), path).toBe(false);
  }
  for (const path of ["flowers/1/manifest.json", "contracts/iris.json", "datasets/iris.csv"]) {
    expect(await there(path), path).toBe(true);
  }
});

test("keeps what another model uses", async () => {
  await addModel("prices", "houses", "datasets/prices.csv");
  await addModel("prices-next", "houses", "datasets/prices.csv");
  await remove("prices");
  expect(await there("prices")).toBe(false);
  expect(await there("contracts/houses.json")).toBe(true);
  expect(await there("datasets/prices.csv")).toBe(true);
});

test.each([
  [["nothing"], "there is no model nothing in "],
  [["../prices"], "Give the name of a folder in the model repository"],
  [[], "missing required argument 'model'"],
])("rejects %j and removes nothing", async (args, reason) => {
  await addModel("prices", "houses", "datasets/prices.csv");
  await expect(remove(...args)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(reason),
  });
  expect(await there("prices/model.json")).toBe(true);
});
