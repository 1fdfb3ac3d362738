import type { TreesModel } from "./evaluator-model.ts";

/** How a column is made of a feature: the feature, and its value where the column has a value. */
interface Origin {
  readonly feature: number;
  valueOf(column: number): number;
}

/** The feature behind each column that follows it without leaps, register by register. */
function originsOf({ registers, steps }: TreesModel): (readonly (Origin | undefined)[])[] {
  const origins: (readonly (Origin | undefined)[])[] = registers.map(() => []);
  origins[0] = Array.from({ length: registers[0]?.width ?? 0 }, (_, feature) => ({
    feature,
    valueOf: (value: number) => value,
  }));
  for (const step of steps) {
    if (step.kind === "columns") {
      origins[step.output] = Array.from(
        step.inputs,
        (input, column) => origins[input]?.[step.columns[column] ?? 0],
      );
    } else if (step.kind === "cast" || step.kind === "impute") {
      origins[step.output] = origins[step.input] ?? [];
    } else if (step.kind === "scale") {
      origins[step.output] = (origins[step.input] ?? []).map((origin, column) => {
        const [offset, scale] = [step.offsets[column] ?? 0, step.scales[column] ?? 1];
        return origin && scale !== 0
          ? { feature: origin.feature, valueOf: (value) => origin.valueOf(value / scale + offset) }
          : undefined;
      });
    }
  }
  return origins;
}

/**
 * The values at which a branch turns, as `[feature, value]`: where rows have to lie that would show a wrong comparison.
 *
 * Branches on columns that do not follow a feature, such as those of categories, are left out.
 */
export function thresholdsOf(model: TreesModel): readonly (readonly [number, number])[] {
  const origins = originsOf(model);
  return model.steps.flatMap((step) =>
    step.kind === "trees"
      ? Array.from(step.features).flatMap((column, node) => {
          const origin = origins[step.input]?.[column];
          const value = origin && Math.fround(origin.valueOf(step.thresholds[node] ?? 0));
          return origin && value !== undefined && Number.isFinite(value)
            ? [[origin.feature, value] as const]
            : [];
        })
      : [],
  );
}
