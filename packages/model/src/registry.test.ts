import { cp, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contracts } from "@sepal/schema/contracts/index";
import { iris } from "@sepal/schema/contracts/iris";
import { defineContract } from "@sepal/schema/define-contract";
import { describe, expect, test } from "vitest";
import { copyOfRepository, LIMITS, MODELS, REPOSITORY } from "../test/real-models.ts";
import { recording } from "../test/scripted-session.ts";
import { ModelRegistry } from "./registry.ts";

function registryOf(repository: string, defaultModel = "iris-forest") {
  const observer = recording();
  const options = { repository, defaultModel, contracts, limits: LIMITS, observer };
  return { registry: new ModelRegistry({ ...options, lane: "batch" }), observer };
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
    const { registry, observer } = registryOf(folder.path, "iris-mlp");
    await registry.load();
    expect(observer.loads).toEqual(["iris-mlp 1", "iris-forest 1", "iris-logistic 1"]);
    expect(states(registry)).toEqual(MODELS.map((name) => [name, "ready"]));
    expect(registry.fault).toBeNull();
    await registry.release();
    expect(registry.models()).toEqual([]);
  });

  test("loads what the server needs first, and says when it has", async () => {
    await using folder = await copyOfRepository();
    await addSecondVersions(folder.path);
    const { registry, observer } = registryOf(folder.path, "iris-mlp");
    let needed: readonly string[] = [];
    await registry.load({
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
    await registry.release();
  });

  test("says that it has what the server needs also when there is nothing", async () => {
    const { registry } = registryOf(join(REPOSITORY, "none"));
    let told = false;
    await registry.load({
      whenNeeded: async () => {
        told = true;
      },
    });
    expect(told).toBe(true);
  });

  test("resolves the default, a name, a name with a version, and nothing else", async () => {
    const { registry } = registryOf(REPOSITORY);
    await registry.load();
    expect(registry.resolve().name).toBe("iris-forest");
    expect(registry.resolve("iris-mlp").name).toBe("iris-mlp");
    expect(registry.resolve("iris-mlp", "1").version).toBe("1");
    for (const name of ["rose", "", "__proto__", "datasets", "../models/iris-forest"]) {
      expect(failure(registry, name)).toMatchObject({ code: "not_found" });
    }
    for (const version of ["2", "", "01", "1/"]) {
      expect(failure(registry, "iris-forest", version)).toMatchObject({ code: "not_found" });
    }
    await registry.release();
  });

  test("what it resolves predicts", async () => {
    const { registry } = registryOf(REPOSITORY);
    await registry.load();
    const answer = await registry.resolve().predict([5.1, 3.5, 1.4, 0.2]);
    expect(answer).toMatchObject({ class: 0, proba: [1, 0, 0], confidence: 1 });
    await registry.release();
  });

  test("before and while it loads, the default model is unavailable", async () => {
    const { registry } = registryOf(REPOSITORY);
    const unavailable = { code: "unavailable", headers: { "retry-after": "1" } };
    expect(failure(registry)).toMatchObject(unavailable);
    const loading = registry.load();
    expect(failure(registry)).toMatchObject(unavailable);
    await loading;
    expect(failure(registry)).toBeUndefined();
    await registry.release();
  });

  test("keeps a bad model with its reason and loads the others", async () => {
    await using folder = await copyOfRepository();
    await truncate(join(folder.path, "iris-forest", "1", "model.onnx"), 10);
    await writeFile(join(folder.path, "iris-mlp", "model.json"), "{");
    const { registry, observer } = registryOf(folder.path);
    await registry.load();
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
    await registry.release();
  });

  test("refuses a model whose contract is compiled in with other classes", async () => {
    const other = defineContract({ ...iris, classes: ["setosa", "versicolor", "ensata"] });
    const observer = recording();
    const options = { repository: REPOSITORY, defaultModel: "iris-forest", limits: LIMITS };
    const registry = new ModelRegistry({
      ...options,
      contracts: { iris: other },
      observer,
      lane: "batch",
    });
    await registry.load();
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
    const { registry } = registryOf(folder.path, "iris-mlp");
    await registry.load();
    expect(failure(registry)).toMatchObject({
      code: "unavailable",
      message: 'model "iris-mlp" is not ready: its default version "9" does not exist',
    });
    expect(registry.resolve("iris-mlp", "1").version).toBe("1");
    await registry.release();
  });

  test("without a repository there is a fault without its path, and no default", async () => {
    const { registry } = registryOf(join(REPOSITORY, "none"));
    await registry.load();
    expect(registry.fault).toBe("the model repository cannot be read: ENOENT (scandir)");
    expect(failure(registry)).toMatchObject({ code: "unavailable" });
    expect(failure(registry, "iris-mlp")).toMatchObject({ code: "not_found" });
  });

  test("a contract's first model is its first by name, and another contract has none", async () => {
    await using folder = await copyOfRepository(["iris-mlp", "iris-logistic"]);
    const { registry } = registryOf(folder.path, "rose");
    await registry.load();
    expect(registry.firstOf("iris")).toBe("iris-logistic");
    expect(registry.firstOf("wine")).toBeUndefined();
    await registry.release();
  });
});
