import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { callOf, newCommand, runCommand, type Command } from "@sepal/command-line";
import { listVersions } from "@sepal/model/repository/model-files";
import { repositoryFolder } from "@sepal/settings/repository-folder";
import { readModelName } from "./model-name.ts";

/** As people count versions: 9 before 10. */
const { compare } = new Intl.Collator("en", { numeric: true });

/** Replaces a file so that every reader sees the old text or the new one, whatever happens in between. */
async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const draft = join(dirname(target), `.model.json.${process.pid}`);
  try {
    const file = await open(draft, "wx", (await stat(target)).mode);
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(draft, target);
  } finally {
    await rm(draft, { force: true });
  }
}

function chosen(versions: readonly string[], current: string, asked: string | undefined): string {
  const there = versions.length === 0 ? "none" : versions.join(", ");
  if (asked === undefined) {
    const previous = versions.findLast((version) => compare(version, current) < 0);
    if (previous !== undefined) return previous;
    throw new Error(`there is no version before ${current}; there are: ${there}`);
  }
  if (versions.includes(asked)) return asked;
  throw new Error(`there is no version ${asked}; there are: ${there}`);
}

/** Names a version, by default the one before, in a model's `model.json`; returns what it did, in words. */
async function rollBack(
  repository: string,
  model: string,
  asked: string | undefined,
  call: string,
): Promise<string[]> {
  const folder = join(repository, model);
  const path = join(folder, "model.json");
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new Error(`there is no model ${model} in ${repository}: ${error.message}`);
  });
  const file: Record<string, unknown> = Object(JSON.parse(text));
  const current = String(file["default_version"]);
  const version = chosen((await listVersions(folder)).toSorted(compare), current, asked);
  if (version === current) return [`${model}: version ${current} is the default already`];
  const rolledBack = { ...file, default_version: version };
  await replaceFile(path, `${JSON.stringify(rolledBack, null, 2)}\n`);
  return [
    `${model}: default version ${current} -> ${version} (${path})`,
    "A running server follows within MODELS_POLL_MS; GET /models shows when it has.",
    `Back again: ${call} ${model} ${current}`,
  ];
}

/** The command `models:rollback`. */
export function rollbackCommand(): Command {
  return newCommand(
    "models:rollback",
    "Points a model of the repository, MODELS_DIR or models, to its version before, or to the one given.",
    1,
  )
    .usage("<model> [version]")
    .argument("<model>", "name of the model", readModelName)
    .argument("[version]", "version (default: the one before)")
    .action(async (model: string, version: string | undefined, _: object, command: Command) => {
      const lines = await rollBack(repositoryFolder(), model, version, callOf(command));
      console.log(lines.join("\n"));
    });
}

if (import.meta.main) await runCommand(rollbackCommand());
