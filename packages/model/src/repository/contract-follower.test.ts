import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileOfContract } from "@sepal/schema/contract-schema";
import { iris } from "@sepal/schema/contracts/iris";
import { wine } from "@sepal/schema/contracts/wine";
import type { Contract } from "@sepal/schema/define-contract";
import { afterAll, describe, expect, test } from "vitest";
import { copyOfRepository, LIMITS } from "../../test/real-models.ts";
import { recording } from "../../test/scripted-session.ts";
import { ProbedVersions } from "../probe/probed-versions.ts";
import { DEFAULT_BOUNDS, VersionProbe } from "../probe/version-probe.ts";
import { ContractRegistry } from "./contract-registry.ts";
import { ModelRegistry } from "./registry.ts";
import { RepositoryLoader } from "./repository-loader.ts";

const probe = new VersionProbe({
  probed: new ProbedVersions(undefined),
  bounds: DEFAULT_BOUNDS,
  build: "test",
  engine: "auto",
});
afterAll(() => probe.close());

/** Iris under another name, as a file mounts it. */
const FLOWERS: Contract = { ...iris, name: "flowers" };

async function repositoryWith(files: Readonly<Record<string, unknown>>) {
  const folder = await copyOfRepository(["iris-mlp"]);
  const model = join(folder.path, "iris-mlp", "model.json");
  await writeFile(model, (await readFile(model, "utf8")).replace('"iris"', '"flowers"'));
  const manifest = join(folder.path, "iris-mlp", "1", "manifest.json");
  const text = await readFile(manifest, "utf8");
  await writeFile(manifest, text.replace('"contract": "iris"', '"contract": "flowers"'));
  await mkdir(join(folder.path, "contracts"));
  const write = (name: string, content: unknown) =>
    writeFile(
      join(folder.path, "contracts", `${name}.json`),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  for (const [name, content] of Object.entries(files)) await write(name, content);
  const registry = new ModelRegistry({
    repository: folder.path,
    defaultModel: "iris-mlp",
    contracts: new ContractRegistry({ iris, wine }),
  });
  const loader = new RepositoryLoader({
    registry,
    admit: probe.admit,
    reserved: new Set(["docs"]),
    limits: LIMITS,
    observer: recording(),
    lane: "batch",
    report() {},
  });
  const remove = (name: string) => rm(join(folder.path, "contracts", `${name}.json`));
  const follow = async () => {
    for (let look = 0; look < 10; look += 1) if (await loader.follow()) return;
  };
  return { folder, registry, loader, write, remove, follow };
}

const predicted = async (registry: ModelRegistry) =>
  (await registry.resolve("iris-mlp").predict([5.1, 3.5, 1.4, 0.2])).prediction;

describe("mounted contracts", () => {
  test("serve their models, and no others when their file is gone", async () => {
    const { folder, registry, loader, write, remove, follow } = await repositoryWith({});
    await using _folder = folder;
    await loader.load();
    expect(registry.model("iris-mlp").versions.get("1")?.reason).toBe(
      'there is no contract "flowers"',
    );
    await write("flowers", fileOfContract(FLOWERS));
    await follow();
    expect(await predicted(registry)).toMatchObject({ label: "setosa" });
    const { contract } = registry.resolve("iris-mlp");
    expect(contract).toBe(registry.contracts.get("flowers"));
    await remove("flowers");
    await follow();
    expect(registry.contracts.get("flowers")).toBeUndefined();
    expect(() => registry.resolve("iris-mlp")).toThrow("is not ready");
    await loader.release();
  });

  test("are swapped with their models, and only where these can be proved with them", async () => {
    const { folder, registry, loader, write, follow } = await repositoryWith({
      flowers: fileOfContract(FLOWERS),
    });
    await using _folder = folder;
    await loader.load();
    const before = registry.resolve("iris-mlp");
    await write("flowers", fileOfContract({ ...FLOWERS, title: "Flowers" }));
    await follow();
    const after = registry.resolve("iris-mlp");
    expect(after).not.toBe(before);
    expect(after.contract).toBe(registry.contracts.get("flowers"));
    expect(after.contract.title).toBe("Flowers");
    await write("flowers", fileOfContract({ ...FLOWERS, classes: ["a", "b", "c"] }));
    await follow();
    expect(registry.contracts.faults.get("flowers")).toBe(
      "its changed file is rejected: model iris-mlp 1: classes are setosa, versicolor, virginica; the contract has a, b, c",
    );
    expect(registry.resolve("iris-mlp")).toBe(after);
    await write("flowers", fileOfContract(FLOWERS));
    await follow();
    expect(registry.contracts.faults.size).toBe(0);
    expect(registry.contracts.get("flowers")?.title).toBe("Iris");
    await loader.release();
  });

  test.each<[string, string, unknown, string]>([
    ["half a file", "broken", '{"format":1,', "broken.json is not JSON"],
    [
      "another format",
      "later",
      { ...fileOfContract(FLOWERS), format: 2 },
      "format: Input should be 1",
    ],
    ["no format", "none", { ...FLOWERS, name: "none" }, "format: "],
    [
      "another name",
      "other",
      fileOfContract(FLOWERS),
      'its name is "flowers"; the file is other.json',
    ],
    [
      "a name of the program",
      "wine",
      fileOfContract({ ...FLOWERS, name: "wine" }),
      "another contract of the program has this name",
    ],
    [
      "a name of a path",
      "docs",
      fileOfContract({ ...FLOWERS, name: "docs" }),
      "a path or procedure of the server has this name",
    ],
    [
      "a prototype's name",
      "constructor",
      fileOfContract({ ...FLOWERS, name: "constructor" }),
      "name: ",
    ],
    ["more than a megabyte", "huge", `"${"x".repeat(2 ** 20)}"`, "at most 1048576 are allowed"],
    ["no object", "list", [], "Input should be a valid object"],
  ])("%s changes nothing and has a reason", async (_what, name, content, reason) => {
    const { folder, registry, loader, write, follow } = await repositoryWith({
      flowers: fileOfContract(FLOWERS),
    });
    await using _folder = folder;
    await loader.load();
    await write(name, content);
    await follow();
    expect(registry.contracts.faults.get(name)).toContain(reason);
    expect(registry.contracts.all().map((contract) => contract.name)).toEqual([
      "iris",
      "wine",
      "flowers",
    ]);
    expect(await predicted(registry)).toMatchObject({ label: "setosa" });
    await loader.release();
  });
});
