import { readFile, rename, writeFile } from "node:fs/promises";
import { eventually, startApi, type ApiProcess } from "./api-process.ts";
import { post, send } from "./json-request.ts";
import {
  copyModel,
  copyOfModels,
  edit,
  writeVersion,
  type TestRepository,
} from "./model-repository.ts";
import { following, served, type ServedRepository } from "./served-repository.ts";

/** Starts the API so that it looks at its repository often. */
export function startFollowing(
  repository: TestRepository,
  variables: Readonly<Record<string, string>> = {},
): Promise<ApiProcess> {
  return startApi({ variables: { ...following(repository), ...variables } });
}

/** A server that follows a repository of its own. */
export async function startOwnRepository(): Promise<ServedRepository> {
  const repository = await copyOfModels();
  return served(await startFollowing(repository), repository);
}

/** Writes a version of a model whose graph and golden rows are those of another of Sepal's models. */
export async function writeVersionLike(
  repository: TestRepository,
  { model, version, like }: { model: string; version: string; like: string },
): Promise<void> {
  const of = (name: string) => readFile(repository.file(like, "1", name));
  const golden = JSON.parse(String(await of("golden.json")));
  await writeVersion(repository, { model, version, onnx: await of("model.onnx"), golden });
}

/** Names another default version, as `models:rollback` does: by rename. */
export async function setDefault(
  repository: TestRepository,
  model: string,
  version: string,
): Promise<void> {
  const path = repository.file(model, "model.json");
  await writeFile(`${path}.new`, await readFile(path));
  await edit(`${path}.new`, (file) => ({ ...file, default_version: version }));
  await rename(`${path}.new`, path);
}

/** A row that the models of Sepal answer with different probabilities. */
export const TELLING = [6, 2.7, 5.1, 1.6];

/** The answer to one prediction. */
export async function predict(url: string, choice: object = {}) {
  return (await post(`${url}/predict`, { features: TELLING, ...choice })).body;
}

/** The card of a model. */
export async function card(url: string, model: string) {
  return (await send(`${url}/models/${model}`)).body;
}

/** Waits until one of Sepal's own models answers by default from a version. */
export async function answersBy(url: string, model: string, version: string): Promise<void> {
  await eventually(
    async () => (await predict(url, { model_name: model })).model_version === version,
    `${model} answers by version ${version}`,
  );
}

/** Adds a copy of `iris-forest` under another name and waits until it answers; gives the name. */
export async function addModel(
  repository: TestRepository,
  url: string,
  name: string,
): Promise<string> {
  await copyModel(repository, "iris-forest", name);
  await answersBy(url, name, "1");
  return name;
}

/** Waits until the card of a model fulfils a condition. */
export async function cardShows(
  url: string,
  model: string,
  condition: (card: Awaited<ReturnType<typeof send>>["body"]) => boolean,
): Promise<void> {
  await eventually(async () => condition(await card(url, model)), `the card of ${model}`);
}
