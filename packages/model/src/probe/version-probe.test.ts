import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { iris } from "@sepal/schema/contracts/iris";
import { wine } from "@sepal/schema/contracts/wine";
import { afterEach, describe, expect, test } from "vitest";
import { copyOfRepository } from "../../test/real-models.ts";
import { readModelFolder } from "../repository/model-files.ts";
import { readAdmittedFiles, SHUTTING_DOWN, type Candidate } from "../repository/admission.ts";
import { ProbedVersions } from "./probed-versions.ts";
import { DEFAULT_BOUNDS, VersionProbe } from "./version-probe.ts";

const probes: VersionProbe[] = [];
afterEach(() => {
  for (const probe of probes.splice(0)) probe.close();
});

/** A probe that counts what it passes. */
function openProbe(probed = new ProbedVersions(undefined)): VersionProbe {
  const probe = new VersionProbe({ probed, bounds: DEFAULT_BOUNDS, build: "test", engine: "auto" });
  probes.push(probe);
  return probe;
}

async function candidateIn(repository: string, stamp = "1"): Promise<Candidate> {
  const folder = await readModelFolder(repository, "iris-mlp");
  return { ...folder, version: "1", contract: iris, stamp };
}

describe("a version", () => {
  test("is probed once for all who ask, and known by its content from then on", async () => {
    await using copy = await copyOfRepository();
    const probe = openProbe();
    const candidate = await candidateIn(copy.path);
    const [first, second] = await Promise.all([probe.admit(candidate), probe.admit(candidate)]);
    expect(first).toEqual({
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: { name: "onnxruntime", reason: expect.stringMatching(/^node /) },
    });
    expect(second).toBe(first);
    probe.close();
    expect(await probe.admit({ ...candidate, stamp: "2" })).toEqual(first);
    // With another contract, or another program, it is another question.
    expect(await probe.admit({ ...candidate, contract: wine })).toBe(SHUTTING_DOWN);
  });

  test("is not read where its files are others than those that were probed", async () => {
    await using copy = await copyOfRepository();
    const probe = openProbe();
    const folder = await readModelFolder(copy.path, "iris-mlp");
    const path = join(folder.path, "1", "manifest.json");
    const options = { contracts: new Map([["iris", iris]]), admit: probe.admit };
    const which = { version: "1", stamp: "1" };
    expect((await readAdmittedFiles(folder, which, options)).manifest.version).toBe("1");
    const changing = {
      ...options,
      admit: async (candidate: Candidate) => {
        const verdict = await probe.admit(candidate);
        await writeFile(path, `${await readFile(path, "utf8")}\n`);
        return verdict;
      },
    };
    await expect(readAdmittedFiles(folder, which, changing)).rejects.toThrow(
      "its files were changed while it was probed",
    );
  });

  test("that is rejected counts as rejected until its files change", async () => {
    await using copy = await copyOfRepository();
    const probe = openProbe();
    const model = join(copy.path, "iris-mlp", "1", "model.onnx");
    await cp(model, `${model}.good`);
    await writeFile(model, "garbage");
    const bad = await candidateIn(copy.path);
    const rejected = { reason: expect.stringContaining("checksum of model.onnx"), passing: false };
    expect(await probe.admit(bad)).toEqual(rejected);
    await cp(`${model}.good`, model);
    expect(await probe.admit(bad)).toEqual(rejected);
    expect(await probe.admit({ ...bad, stamp: "2" })).toHaveProperty("digest");
  });
});
