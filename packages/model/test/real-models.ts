import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BatchLimits } from "../src/batching/dynamic-batcher.ts";
import type { AdmittedFiles } from "../src/repository/admission.ts";
import { readModelFolder, readVersionFiles } from "../src/repository/model-files.ts";

/** Path of the models that Sepal comes with. */
export const REPOSITORY = fileURLToPath(new URL("../../../models", import.meta.url));

/** Names of those that serve iris. */
export const MODELS = ["iris-forest", "iris-logistic", "iris-mlp"] as const;

/** Limits as an unconfigured server has them. */
export const LIMITS: BatchLimits = { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 4096 };

/** The verified files of version 1 of a model, for ONNX Runtime. */
export async function realVersion(name: (typeof MODELS)[number]): Promise<AdmittedFiles> {
  const files = await readVersionFiles(await readModelFolder(REPOSITORY, name), "1");
  return { ...files, engine: { name: "onnxruntime", reason: "a test" } };
}

/** A folder that is removed with the test. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string;
}

/** A copy of the iris models and all data sets, or of the named parts of the model repository. */
export async function copyOfRepository(
  parts: readonly string[] = [...MODELS, "datasets"],
): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), "sepal-model-"));
  await Promise.all(
    parts.map((part) => cp(join(REPOSITORY, part), join(path, part), { recursive: true })),
  );
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
