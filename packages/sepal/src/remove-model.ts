import { access, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { listModelNames, listVersions } from "@sepal/model/repository/model-files";
import { repositoryFolder } from "@sepal/settings/repository-folder";
import { readModelName } from "./model-name.ts";

/** What a model folder names: its contract, and the data sets of its versions. */
interface Uses {
  readonly contract: string;
  readonly datasets: readonly string[];
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  return Object(JSON.parse(await readFile(path, "utf8")));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function usesOf(folder: string): Promise<Uses> {
  const { contract } = await readObject(join(folder, "model.json"));
  const datasets: string[] = [];
  for (const version of await listVersions(folder)) {
    const { training } = await readObject(join(folder, version, "manifest.json"));
    datasets.push(String(Object(training)["dataset"]));
  }
  return { contract: String(contract), datasets };
}

/**
 * Removes a model, and what no other model of the repository uses: its mounted contract and its training data. The model
 * goes first, so that a running server never finds one without its contract. Returns what it did, in words.
 */
async function remove(repository: string, model: string): Promise<string[]> {
  const models = await listModelNames(repository);
  if (!models.includes(model)) {
    const there = models.length === 0 ? "none" : models.join(", ");
    throw new Error(`there is no model ${model} in ${repository}; there are: ${there}`);
  }
  const own = await usesOf(join(repository, model));
  const others = await Promise.all(
    models.filter((name) => name !== model).map((name) => usesOf(join(repository, name))),
  );
  const removed = [join(repository, model)];
  const contract = join(repository, "contracts", `${own.contract}.json`);
  if (others.every((other) => other.contract !== own.contract) && (await exists(contract))) {
    removed.push(contract);
  }
  for (const dataset of new Set(own.datasets)) {
    const path = join(repository, dataset);
    const used = others.some(({ datasets }) => datasets.includes(dataset));
    if (!used && (await exists(path))) removed.push(path);
  }
  for (const path of removed) await rm(path, { recursive: true });
  return [
    ...removed.map((path) => `removed ${path}`),
    "A running server follows within MODELS_POLL_MS; GET /models shows when it has.",
  ];
}

/** The command `models:remove`. */
export function removeCommand(): Command {
  return newCommand(
    "models:remove",
    "Removes a model from the repository, MODELS_DIR or models, with the contract and the training data that no other model uses.",
    1,
  )
    .argument("<model>", "name of the model", readModelName)
    .action(async (model: string) => {
      console.log((await remove(repositoryFolder(), model)).join("\n"));
    });
}

if (import.meta.main) await runCommand(removeCommand());
