import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startApi } from "../support/api-process.ts";
import { copyOfModels } from "../support/model-repository.ts";
import { following, served, type ServedRepository } from "../support/served-repository.ts";

const ADD_MODEL = fileURLToPath(
  new URL("../../../../packages/add-model/src/main.ts", import.meta.url),
);
const EXPORTED = new URL("../fixtures/exported/", import.meta.url);

/** The words that the fixture's models know. */
export const WORDS = ["great", "film", "loved", "wonderful", "dull", "hated", "boring", "worst"];

/** A server with the models `texts`, a classifier, and `text-vectors`, an embedding, added as a user adds them. */
export async function serveTexts(
  variables: Record<string, string> = {},
): Promise<ServedRepository> {
  const repository = await copyOfModels();
  for (const name of ["texts", "text_vectors"]) {
    const file = (suffix: string) => fileURLToPath(new URL(`${name}/${name}${suffix}`, EXPORTED));
    const more = name === "text_vectors" ? ["--target", "liked"] : [];
    const args = [ADD_MODEL, file(".onnx"), "--data", file(".csv"), "--contract-name", name];
    await promisify(execFile)(process.execPath, [...args, ...more], {
      env: { ...process.env, MODELS_DIR: repository.path },
    });
  }
  const api = await startApi({ variables: { ...following(repository), ...variables } });
  return served(api, repository);
}
