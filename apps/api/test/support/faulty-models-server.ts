import { writeFile } from "node:fs/promises";
import { startApi } from "./api-process.ts";
import { copyWithNan } from "./nan-version.ts";

/** A server with a version of `iris-mlp` that answers NaN and an `iris-logistic` whose file is not what it was. */
export async function startWithFaultyModels() {
  const repository = await copyWithNan();
  await writeFile(repository.file("iris-logistic", "1", "model.onnx"), "not what it was");
  const api = await startApi({ variables: { MODELS_DIR: repository.path } });
  return {
    ...api,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}
