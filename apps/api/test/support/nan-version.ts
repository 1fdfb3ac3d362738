import { copyOfModels, fixture, FIXTURE_GOLDEN, writeVersion } from "./model-repository.ts";
import type { TestRepository } from "./model-repository.ts";

/** A copy of the iris models in which `iris-mlp` has a version `nan` that answers NaN where sepals are longer than 100 cm. */
export async function copyWithNan(): Promise<TestRepository> {
  const repository = await copyOfModels();
  const onnx = await fixture("nan-above-100.onnx");
  const golden = FIXTURE_GOLDEN;
  await writeVersion(repository, { model: "iris-mlp", version: "nan", onnx, golden });
  return repository;
}
