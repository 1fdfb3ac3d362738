import type { ModelFolder } from "./model-files.ts";

/** One version to load. */
interface LoadStep {
  readonly folder: ModelFolder;
  readonly version: string;
}

/** What to load before the server can do its work, and what after that. */
interface LoadOrder {
  readonly needed: readonly LoadStep[];
  readonly others: readonly LoadStep[];
}

/** Puts the default versions of the models in `first` before all else, and each model's default version before its others. */
export function loadOrder(folders: readonly ModelFolder[], first: readonly string[]): LoadOrder {
  const steps = (folder: ModelFolder, standard: boolean): LoadStep[] =>
    folder.versions
      .filter((version) => (version === folder.file.default_version) === standard)
      .map((version) => ({ folder, version }));
  const named = [...new Set(first)].flatMap((name) =>
    folders.filter((folder) => folder.name === name),
  );
  const unnamed = folders.filter((folder) => !named.includes(folder));
  return {
    needed: named.flatMap((folder) => steps(folder, true)),
    others: [
      ...unnamed.flatMap((folder) => steps(folder, true)),
      ...[...named, ...unnamed].flatMap((folder) => steps(folder, false)),
    ],
  };
}
