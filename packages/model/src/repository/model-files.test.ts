import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyOfRepository, MODELS, realVersion, REPOSITORY } from "../../test/real-models.ts";
import {
  listModelNames,
  listVersions,
  readModelFile,
  readModelFolder,
  readVersionFiles,
} from "./model-files.ts";

describe("listModelNames", () => {
  test("names the folders with a model.json, in order", async () => {
    await using folder = await copyOfRepository();
    expect(await listModelNames(folder.path)).toEqual(MODELS);
  });

  test("passes over files and folders that are no models", async () => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    await mkdir(join(folder.path, "notes"));
    await writeFile(join(folder.path, "model.json"), "{}");
    expect(await listModelNames(folder.path)).toEqual(["iris-mlp"]);
  });

  test("fails where there is no folder", async () => {
    await expect(listModelNames(join(REPOSITORY, "none"))).rejects.toThrow("ENOENT");
  });
});

describe("listVersions", () => {
  test("lists the versions", async () => {
    expect(await listVersions(join(REPOSITORY, "iris-forest"))).toEqual(["1"]);
  });

  test("a version exists once its manifest does, which is written last by rename", async () => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    const versions = async () => listVersions(join(folder.path, "iris-mlp"));
    const manifest = join(folder.path, "iris-mlp", "1", "manifest.json");
    await rename(manifest, `${manifest}.part`);
    expect(await versions()).toEqual([]);
    await rename(`${manifest}.part`, manifest);
    expect(await versions()).toEqual(["1"]);
  });
});

describe("readModelFile", () => {
  test("reads model.json", async () => {
    expect(await readModelFile(join(REPOSITORY, "iris-forest"))).toMatchObject({
      contract: "iris",
      default_version: "1",
    });
  });

  test.each([
    ["{", "model.json is not JSON"],
    ["[]", "model.json: "],
    ['{"contract":"iris"}', "default_version"],
  ])("refuses the model.json %s", async (text, reason) => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    await writeFile(join(folder.path, "iris-mlp", "model.json"), text);
    const reading = readModelFile(join(folder.path, "iris-mlp"));
    await expect(reading).rejects.toThrow(reason);
    // Reasons are shown to callers: they tell no path of the machine.
    await expect(reading).rejects.not.toThrow(folder.path);
  });
});

describe("readVersionFiles", () => {
  test.each(MODELS)("reads and verifies %s", async (name) => {
    const { manifest, model, golden } = await realVersion(name);
    expect(manifest).toMatchObject({ model_name: name, version: "1", contract: "iris" });
    expect(model.length).toBe(manifest.files["model.onnx"].bytes);
    expect(golden.length).toBeGreaterThanOrEqual(2150);
    expect(golden[0]).toMatchObject({ features: [5.1, 3.5, 1.4, 0.2], class: 0 });
  });

  test.each(["model.onnx", "golden.json"])("refuses one changed byte in %s", async (name) => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    const path = join(folder.path, "iris-mlp", "1", name);
    const bytes = await readFile(path);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const reading = readVersionFiles(await readModelFolder(folder.path, "iris-mlp"), "1");
    await expect(reading).rejects.toThrow(`checksum of ${name} is `);
  });

  test("refuses the version of another model", async () => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    await rename(join(folder.path, "iris-mlp"), join(folder.path, "renamed"));
    const reading = readVersionFiles(await readModelFolder(folder.path, "renamed"), "1");
    await expect(reading).rejects.toThrow("manifest is of iris-mlp 1, not of renamed 1");
  });

  test("fails where a file is missing", async () => {
    await using folder = await copyOfRepository(["iris-mlp"]);
    await rm(join(folder.path, "iris-mlp", "1", "golden.json"));
    const reading = readVersionFiles(await readModelFolder(folder.path, "iris-mlp"), "1");
    await expect(reading).rejects.toMatchObject({ code: "ENOENT" });
  });
});
