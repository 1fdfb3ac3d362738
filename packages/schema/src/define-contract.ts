interface FeatureBase {
  /** snake_case, as in the CSV header and the keys of explanations. */
  readonly name: string;
  /** What a form shows. */
  readonly label: string;
  /** What it is, for a beginner. */
  readonly description?: string;
  /** Whether a row may lack it. */
  readonly nullable?: boolean;
  /** Other headings that stand for it in files. */
  readonly aliases?: readonly string[];
  /** Heading of the fields that a form shows together; without one they stand in one list. */
  readonly group?: string;
}

interface Bounds {
  /** Physical unit such as `cm`. */
  readonly unit?: string;
  /** Smallest value. */
  readonly minimum?: number;
  /** Every value is greater. */
  readonly exclusive_minimum?: number;
  /** Largest value. */
  readonly maximum?: number;
}

/** A finite number that satisfies its bounds before and after rounding to float32. */
export interface NumberFeature extends FeatureBase, Bounds {
  readonly type: "number";
}

/** A whole number, of at most 2^24 so that float32 holds it exactly. */
interface IntegerFeature extends FeatureBase, Bounds {
  readonly type: "integer";
}

interface BooleanFeature extends FeatureBase {
  readonly type: "boolean";
}

/** One of a list of texts; models take its position in the list. */
export interface CategoryFeature extends FeatureBase {
  readonly type: "category";
  readonly values: readonly string[];
  /** What a form shows for each value. */
  readonly labels?: readonly string[];
  /** What becomes of a text that is no value: `refuse` (default), `missing`, or the value that it counts as. */
  readonly unknown?: string;
}

/** A text, the only feature of its contract; models take it as it stands. */
export interface TextFeature extends FeatureBase {
  readonly type: "text";
  /** Most characters, at most {@link MAX_TEXT_LENGTH}. */
  readonly max_length: number;
}

/** Most characters of a text, whatever its contract says. */
export const MAX_TEXT_LENGTH = 10_000;

/** One input column of a model, in the order the model takes them. */
export type FeatureSpec =
  | NumberFeature
  | IntegerFeature
  | BooleanFeature
  | CategoryFeature
  | TextFeature;

/** A value of a row; `null` is a missing one. */
export type FeatureInput = number | boolean | string | null;

/** A complete row that the documentation and the playground may show, as a list or an object. */
interface ContractExample {
  readonly name: string;
  readonly features: readonly FeatureInput[] | Readonly<Record<string, FeatureInput>>;
}

/** What the table is, for a beginner. */
interface About {
  /** Where the data come from. */
  readonly source?: string;
  readonly licence?: string;
  /** Number of rows of the data. */
  readonly row_count?: number;
  /** What one row is, such as `a flower`. */
  readonly row?: string;
}

interface ContractBase {
  /** URL and procedure name, lower case. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly features: readonly FeatureSpec[];
  /** `list` where requests take rows as lists alone; lists or objects when absent. */
  readonly rows?: "list";
  /** Spellings of a missing cell in files, besides the empty one; {@link MISSING_CELLS} when absent. */
  readonly missing?: readonly string[];
  readonly about?: About;
  /** At least one; the first is what the documentation tries. */
  readonly examples: readonly [ContractExample, ...ContractExample[]];
}

/** Predicts one of some classes. */
export interface Classification extends ContractBase {
  readonly task: "classification";
  /** Class labels; a class index is a position in this list. */
  readonly classes: readonly string[];
  /** `false` where models give classes alone. */
  readonly probabilities?: boolean;
}

/** A number that a regression predicts. */
export interface TargetSpec {
  readonly name: string;
  readonly label: string;
  readonly unit?: string;
  readonly description?: string;
}

/** Predicts numbers. */
export interface Regression extends ContractBase {
  readonly task: "regression";
  readonly targets: readonly TargetSpec[];
}

/** Gives each text a vector: texts of like meaning point in like directions. */
export interface Embedding extends ContractBase {
  readonly task: "embedding";
  /** Numbers of a vector. */
  readonly dimensions: number;
}

/** What a model promises: what a row is and what is predicted, and nothing about how it is computed; plain data. */
export type Contract = Classification | Regression | Embedding;

/** Spellings of a missing cell where a contract names none. */
export const MISSING_CELLS: readonly string[] = ["NA", "NaN", "nan", "null", "None"];

type ValueOf<S extends FeatureSpec> =
  | (S extends CategoryFeature
      ? S["values"][number] | (S extends { unknown: infer U } ? Other<U> : never)
      : S extends { type: "boolean" }
        ? boolean
        : S extends TextFeature
          ? string
          : number)
  | (S extends { nullable: true } ? null : never);

/** Any text, without losing the literals that an editor completes. */
type Other<U> = U extends "refuse" ? never : string & {};

type Nullable<F extends readonly FeatureSpec[]> = Extract<F[number], { nullable: true }>;

/** A row as a list: a value for each feature, in the contract's order. */
export type FeatureList<F extends readonly FeatureSpec[]> = { [K in keyof F]: ValueOf<F[K]> };

/** A row as an object by feature name; those that are nullable may be absent. */
export type FeatureObject<F extends readonly FeatureSpec[]> = {
  [S in Exclude<F[number], Nullable<F>> as S["name"]]: ValueOf<S>;
} & { [S in Nullable<F> as S["name"]]?: ValueOf<S> | undefined };

/** A row as requests take it. */
export type FeatureRow<C extends Contract> = C extends { rows: "list" }
  ? FeatureList<C["features"]>
  : FeatureList<C["features"]> | FeatureObject<C["features"]>;

/** A contract of the program itself, with what its compiler knows of it. */
export type Compiled<C extends Contract> = C extends unknown
  ? Omit<C, "examples" | "toFeatures"> & {
      readonly examples: ExamplesOf<C, C["examples"]>;
      /** Puts named values into the order the model takes. */
      readonly toFeatures: (values: FeatureObject<C["features"]>) => FeatureList<C["features"]>;
    }
  : never;

type ExamplesOf<C extends Contract, E extends Contract["examples"]> = {
  readonly [K in keyof E]: ExampleOf<C, E[K]>;
};

/** An example in its own form: a tuple where it is a list. */
interface ExampleOf<C extends Contract, E> {
  readonly name: string;
  readonly features: E extends { readonly features: readonly FeatureInput[] }
    ? FeatureList<C["features"]>
    : FeatureObject<C["features"]>;
}

/**
 * Declares a table once; schemas, routes, procedures, documentation and forms follow from it.
 *
 * The compiler checks its form; `contractProblem` names a rule that it breaks, such as a name that is used twice, when
 * the server starts.
 */
export function defineContract<const C extends Contract>(definition: C): Compiled<C> {
  const toFeatures = (values: Readonly<Record<string, FeatureInput | undefined>>) =>
    definition.features.map(({ name }) => values[name] ?? null);
  // A value for each feature, in the features' own order: that is the tuple; the examples were checked.
  return { ...definition, toFeatures } as unknown as Compiled<C>;
}

/** A contract as plain data, which files, pages, threads and other processes can be given: without the function that the program adds. */
export function contractData(contract: Contract): Contract {
  const { toFeatures: _, ...data }: Contract & { readonly toFeatures?: unknown } = contract;
  return data;
}

/** The unit of a feature or target; an empty text where it has none. */
export function unitOf(part: FeatureSpec | TargetSpec): string {
  return ("unit" in part && part.unit) || "";
}

/** A label with its unit, where it has one. */
export function withUnit(text: string, part: FeatureSpec | TargetSpec): string {
  const unit = unitOf(part);
  return unit === "" ? text : `${text} (${unit})`;
}

/** The one feature of a contract of texts; `undefined` where its rows are numbers, categories and booleans. */
export function textFeature({ features: [first] }: Contract): TextFeature | undefined {
  return first?.type === "text" ? first : undefined;
}

/** The output columns of a model, in any task: how many numbers a row has beside its class. */
export interface OutputShape {
  /** Whether a row has a class. */
  readonly hasClass: boolean;
  /** Probabilities or target values a row. */
  readonly width: number;
}

/** What a model of this contract gives for each row. */
export function outputShape(contract: Contract): OutputShape {
  if (contract.task === "regression") return { hasClass: false, width: contract.targets.length };
  if (contract.task === "embedding") return { hasClass: false, width: contract.dimensions };
  const width = contract.probabilities === false ? 0 : contract.classes.length;
  return { hasClass: true, width };
}

/** The classes of a contract; none but of a classification. */
export function classLabels(contract: Contract): readonly string[] {
  return contract.task === "classification" ? contract.classes : [];
}
