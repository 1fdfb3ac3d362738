/** One input column of a model, in the order the model takes them. */
export interface FeatureSpec {
  /** snake_case, as in the CSV header and the keys of explanations. */
  readonly name: string;
  /** What a form shows. */
  readonly label: string;
  /** Physical unit such as `cm`; empty when there is none. */
  readonly unit: string;
  /** Other headings that stand for it in files. */
  readonly aliases?: readonly string[];
  /** Heading of the fields that a form shows together; without one they stand in one list. */
  readonly group?: string;
}

/** Which numbers a feature takes: above 0, from 0 on, or any finite one; each also after rounding to float32. */
export type NumberDomain = "positive" | "nonnegative" | "finite";

/** A complete request that the documentation and the playground may show. */
interface ContractExample {
  readonly name: string;
  readonly features: readonly number[];
}

interface ContractDefinition<F extends readonly FeatureSpec[], C extends readonly string[]> {
  /** URL and procedure name, lower case. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Regression comes later; this field leaves room for it. */
  readonly task: "classification";
  readonly features: F;
  /** Class labels; a class index is a position in this list. */
  readonly classes: C;
  readonly domain: NumberDomain;
  /** At least one; the first is what the documentation tries. */
  readonly examples: readonly [ContractExample, ...ContractExample[]];
}

/** What a model promises: its features, its classes, and nothing about how it computes. */
export interface Contract<
  F extends readonly FeatureSpec[] = readonly FeatureSpec[],
  C extends readonly string[] = readonly string[],
> extends ContractDefinition<F, C> {
  /** Puts named values into the order the model takes. */
  readonly toFeatures: (values: Record<F[number]["name"], number>) => FeatureVector<F>;
}

/** As many numbers as the contract has features. */
export type FeatureVector<F extends readonly FeatureSpec[]> = { [K in keyof F]: number };

/**
 * Declares a data set once; schemas, routes, procedures, documentation and forms follow from it.
 *
 * Throws when names repeat, are not snake_case, or an example has the wrong length.
 */
export function defineContract<
  const F extends readonly FeatureSpec[],
  const C extends readonly [string, string, ...string[]],
>(definition: ContractDefinition<F, C>): Contract<F, C> {
  const { name, features, classes, examples } = definition;
  for (const identifier of [name, ...features.map((feature) => feature.name)]) {
    if (!/^[a-z][a-z0-9_]*$/.test(identifier)) {
      throw new Error(`contract ${name}: "${identifier}" is not snake_case`);
    }
  }
  for (const [what, names] of [
    ["feature", features.map((feature) => feature.name)],
    ["class", classes],
  ] as const) {
    const repeated = names.find((value, index) => names.indexOf(value) !== index);
    if (repeated !== undefined) {
      throw new Error(`contract ${name}: ${what} "${repeated}" is declared twice`);
    }
  }
  for (const example of examples) {
    if (example.features.length !== features.length) {
      throw new Error(
        `contract ${name}: example "${example.name}" has ${example.features.length} of ${features.length} features`,
      );
    }
  }
  return {
    ...definition,
    toFeatures: (values) => {
      const named: Record<string, number> = values;
      // One number a feature, in the features' own order: that is the tuple.
      return features.map((feature) => named[feature.name]) as FeatureVector<F>;
    },
  };
}
