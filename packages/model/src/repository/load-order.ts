import type { ScannedModel } from "./scan-repository.ts";

/** One version to load. */
interface LoadStep {
  readonly model: ScannedModel;
  readonly version: string;
}

/** What to load before the server can do its work, and what after that. */
interface LoadOrder {
  readonly needed: readonly LoadStep[];
  readonly others: readonly LoadStep[];
}

/** Puts the default versions of the models in `first` before all else, and each model's default version before its others. */
export function loadOrder(models: readonly ScannedModel[], first: readonly string[]): LoadOrder {
  const steps = (model: ScannedModel, standard: boolean): LoadStep[] =>
    [...(model.versions?.keys() ?? [])]
      .filter((version) => (version === model.file?.default_version) === standard)
      .map((version) => ({ model, version }));
  const named = [...new Set(first)].flatMap((name) =>
    models.filter((model) => model.name === name),
  );
  const unnamed = models.filter((model) => !named.includes(model));
  return {
    needed: named.flatMap((model) => steps(model, true)),
    others: [
      ...unnamed.flatMap((model) => steps(model, true)),
      ...[...named, ...unnamed].flatMap((model) => steps(model, false)),
    ],
  };
}
