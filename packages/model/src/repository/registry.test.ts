import { cp, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contracts } from "@sepal/schema/contracts/index";
import { iris } from "@sepal/schema/contracts/iris";
import { defineContract, type Contract } from "@sepal/schema/define-contract";
import { afterAll, describe, expect, test } from "vitest";
import { copyOfRepository, LIMITS, MODELS, REPOSITORY } from "../../test/real-models.ts";
import { recording } from "../../test/scripted-session.ts";
import { ProbedVersions } from "../probe/probed-versions.ts";
import { DEFAULT_BOUNDS, VersionProbe } from "../probe/version-probe.ts";
import { ContractRegistry } from "./contract-registry.ts";
import { ModelRegistry } from "./registry.ts";
import { RepositoryLoader } from "./repository-loader.ts";

const probed = new ProbedVersions(undefined);
const probe = new VersionProbe({ probed, bounds: DEFAULT_BOUNDS, build: "test", engine: "auto" });
afterAll(() => probe.close());

function registryOf(
  repository: string,
  defaultModel = "iris-forest",
  known: Readonly<Record<string, Contract>> = contracts,
) {
  const observer = recording();
  const registry = new ModelRegistry({
    repository,
    defaultModel,
    contracts: new ContractRegistry(known),
  });
  const loader = new RepositoryLoader({
    registry,
    admit: probe.admit,
    reserved: new Set(["docs"]),
    limits: LIMITS,
    observer,
    lane: "batch",
    report() {},
  });
  return { registry, loader, observer };
}

const states = (registry: ModelRegistry) =>
  registry.models().map((model) => [model.name, registry.defaultVersion(model).state]);

/** What `resolve` throws. */
function failure(registry: ModelRegistry, name?: string, version?: string): unknown {
  try {
    registry.resolve(name, version);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Gives every model a version 2, the default one. */
async function addSecondVersions(repository: string): Promise<void> {
  for (const name of MODELS) {
    const path = (...names: string[]) => join(repository, name, ...names);
    await cp(path("1"), path("2"), { recursive: true });
    const manifest = JSON.parse(await readFile(path("2", "manifest.json"), "utf8"));
    await writeFile(path("2", "manifest.json"), JSON.stringify({ ...manifest, version: "2" }));
    const model = JSON.parse(await readFile(path("model.json"), "utf8"));
    await writeFile(path("model.json"), JSON.stringify({ ...model, default_version: "2" }));
  }
}

describe("ModelRegistry", () => {
  test("loads every model once, the default one first", async () => {
    await using folder = await copyOfRepository();
    const { registry, loader, observer } = registryOf(folder.path, "iris-mlp");
    await loader.load();
    expect(observer.loads).toEqual(["iris-mlp 1", "iris-forest 1", "iris-logistic 1"]);
    expect(states(registry)).toEqual(MODELS.map((name) => [name, "ready"]));
    expect(registry.fault).toBeNull();
    await loader.release();
    expect(registry.models()).toEqual([]);
  });

  test("loads what the server needs first, and says when it has", async () => {
    await using folder = await copyOfRepository();
    await addSecondVersions(folder.path);
    const { loader, observer } = registryOf(folder.path, "iris-mlp");
    let needed: readonly string[] = [];
    await loader.load({
      required: ["iris-logistic", "rose"],
      whenNeeded: async () => {
        needed = [...observer.loads];
      },
    });
    expect(needed).toEqual(["iris-mlp 2", "iris-logistic 2"]);
    expect(observer.loads.slice(2)).toEqual([
      "iris-forest 2",
      "iris-mlp 1",
      "iris-logistic 1",
      "iris-forest 1",
    ]);
    await loader.release();
  });

  test("says that it has what the server needs also when there is nothing", async () => {
    const { loader } = registryOf(join(REPOSITORY, "none"));
    let told = false;
    await loader.load({
      whenNeeded: async () => {
        told = true;
      },
    });
    expect(told).toBe(true);
  });

  test("resolves the default, a name, a name with a version, and nothing else", async () => {
    const { registry, loader } = registryOf(REPOSITORY);
    await loader.load();
    expect(registry.resolve().name).toBe("iris-forest");
    expect(registry.resolve("iris-mlp").name).toBe("iris-mlp");
    expect(registry.resolve("iris-mlp", "1").version).toBe("1");
    for (const name of ["rose", "", "__proto__", "datasets", "../models/iris-forest"]) {
      expect(failure(registry, name)).toMatchObject({ code: "not_found" });
    }
    for (const version of ["2", "", "01", "1/"]) {
      expect(failure(registry, "iris-forest", version)).toMatchObject({ code: "not_found" });
    }
    await loader.release();
  });

  test("what it resolves predicts", async () => {
    const { registry, loader } = registryOf(REPOSITORY);
    await loader.load();
    const result = await registry.resolve().predict([5.1, 3.5, 1.4, 0.2]);
    expect(result).toMatchObject({ prediction: { class: 0, proba: [1, 0, 0], confidence: 1 } });
    await loader.release();
  });

  test("before and while it loads, the default model is unavailable", async () => {
    const { registry, loader } = registryOf(REPOSITORY);
    const unavailable = { code: "unavailable", headers: { "retry-after": "1" } };
    expect(failure(registry)).toMatchObject(unavailable);
    const loading = loader.load();
    expect(failure(registry)).toMatchObject(unavailable);
    await loading;
    expect(failure(registry)).toBeUndefined();
    await loader.release();
  });

  test("keeps a bad model with its reason and loads the others", async () => {
    await using folder = await copyOfRepository();
    await truncate(join(folder.path, "iris-forest", "1", "model.onnx"), 10);
    await writeFile(join(folder.path, "iris-mlp", "model.json"), "{");
    const { registry, loader, observer } = registryOf(folder.path);
    await loader.load();
    expect(observer.loads).toEqual(["iris-logistic 1"]);
    expect(states(registry)).toEqual([
      ["iris-forest", "unavailable"],
      ["iris-logistic", "ready"],
      ["iris-mlp", "unavailable"],
    ]);
    expect(failure(registry)).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("is not ready: checksum of model.onnx"),
    });
    expect(failure(registry, "iris-mlp")).toMatchObject({
      code: "unavailable",
      message: 'model "iris-mlp" is not ready: model.json is not JSON',
    });
    await loader.release();
  });

  test("refuses a model whose contract is compiled in with other classes", async () => {
    const other = defineContract({ ...iris, classes: ["setosa", "versicolor", "ensata"] });
    const known = { iris: other };
    const { registry, loader, observer } = registryOf(REPOSITORY, "iris-forest", known);
    await loader.load();
    expect(observer.loads).toEqual([]);
    const { reason } = registry.defaultVersion(registry.model("iris-forest"));
    expect(reason).toBe(
      "classes are setosa, versicolor, virginica; the contract has setosa, versicolor, ensata",
    );
  });

  test("a default that names no version of its model is unavailable, and says so", async () => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    const file = { contract: "iris", default_version: "9", description: "" };
    await writeFile(join(folder.path, "iris-mlp", "model.json"), JSON.stringify(file));
    const { registry, loader } = registryOf(folder.path, "iris-mlp");
    await loader.load();
    expect(failure(registry)).toMatchObject({
      code: "unavailable",
      message: 'model "iris-mlp" is not ready: its default version "9" does not exist',
    });
    expect(registry.resolve("iris-mlp", "1").version).toBe("1");
    await loader.release();
  });

  test("without a repository there is a fault without its path, and no default", async () => {
    const { registry, loader } = registryOf(join(REPOSITORY, "none"));
    await loader.load();
    expect(registry.fault).toBe("the model repository cannot be read: ENOENT (scandir)");
    expect(failure(registry)).toMatchObject({ code: "unavailable" });
    expect(failure(registry, "iris-mlp")).toMatchObject({ code: "not_found" });
  });

  test("a contract has the default model where it is its own, and another contract none", async () => {
    await using folder = await copyOfRepository(["iris-mlp", "iris-logistic"]);
    const { registry, loader } = registryOf(folder.path, "rose");
    await loader.load();
    expect(registry.defaultOf("iris")).toBe("rose");
    expect(registry.defaultOf("wine")).toBeUndefined();
    await loader.release();
  });
});
