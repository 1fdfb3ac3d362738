import {
  classLabels,
  textFeature,
  type Contract,
  type FeatureSpec,
} from "@sepal/schema/define-contract";

// Texts of a contract get into the program as literals alone: what JSON writes is a literal of TypeScript.
const literal = (text: string): string => JSON.stringify(text);

const union = (texts: readonly string[]): string => texts.map(literal).join(" | ");

/** The type of a value that is not missing. */
function valueType(feature: FeatureSpec): string {
  if (feature.type === "boolean") return "boolean";
  if (feature.type === "text") return "string";
  if (feature.type !== "category") return "number";
  const { values, unknown = "refuse" } = feature;
  return unknown === "refuse" ? union(values) : `${union(values)} | (string & {})`;
}

function listType({ features }: Contract): string {
  const values = features.map((feature) => {
    const type = valueType(feature);
    return feature.nullable === true ? `${type} | null` : type;
  });
  return `readonly [${values.join(", ")}]`;
}

function objectType({ features }: Contract): string {
  const members = features.map((feature) => {
    const [name, type] = [literal(feature.name), valueType(feature)];
    return feature.nullable === true ? `${name}?: ${type} | null | undefined` : `${name}: ${type}`;
  });
  return `{ ${members.join("; ")} }`;
}

function byName(names: readonly { readonly name: string }[], type: string): string {
  return `{ ${names.map(({ name }) => `${literal(name)}: ${type}`).join("; ")} }`;
}

function predictionType(contract: Contract): string {
  if (contract.task === "regression") return `{ values: ${byName(contract.targets, "number")} }`;
  if (contract.task === "embedding") return "{ embedding: number[]; dimensions: number }";
  const label = `class: number; label: ${union(classLabels(contract))}`;
  if (contract.probabilities === false) return `{ ${label} }`;
  return `{ ${label}; proba: number[]; confidence: number }`;
}

function explainedType(contract: Contract): string {
  // No text is explained.
  if (textFeature(contract) !== undefined) return "never";
  if (contract.task !== "regression") {
    const contributions = byName(contract.features, "number[]");
    return `{ proba: number[]; base: number[]; contributions: ${contributions} }`;
  }
  const values = byName(contract.targets, "number");
  const contributions = byName(contract.features, values);
  return `{ values: ${values}; base: ${values}; contributions: ${contributions} }`;
}

function contractTypes(contract: Contract): string {
  const rows = contract.rows === "list" ? [listType] : [listType, objectType];
  return `  ${literal(contract.name)}: {
    row: ${rows.map((typeOf) => typeOf(contract)).join(" | ")};
    prediction: ${predictionType(contract)};
    task: ${literal(contract.task)};
    explained: ${explainedType(contract)};
  };`;
}

const PROCEDURES = `interface ModelChoice {
  model_name?: string | null | undefined;
  model_version?: string | null | undefined;
}

interface ServedBy {
  model_used: string;
  model_version: string;
  processing_time_ms: number;
}

interface Batch<Row> extends ModelChoice {
  rows: Row[];
  batch_size?: number | null | undefined;
}

interface Search extends ModelChoice {
  text: string;
  top_k?: number | null | undefined;
}

interface Found extends ServedBy {
  results: { text: string; score: number; label?: string | undefined }[];
}

interface JobFile extends ModelChoice {
  format: "csv" | "ndjson";
  data: string;
  strict?: boolean | null | undefined;
  spreadsheet?: boolean | null | undefined;
  idempotency_key?: string | undefined;
}

interface JobCreated {
  job_id: string;
  status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
}

interface Chunk<Prediction> {
  readonly offset: number;
  readonly count: number;
  readonly total: number;
  readonly predictions: Prediction[];
}

/** In the form of tRPC's own types, whichever version reads it. */
type Mutation<Input, Output> = {
  _def: {
    procedure: true;
    type: "mutation";
    $types: { input: Input; output: Output; errorShape: never };
    meta: unknown;
    experimental_caller: boolean;
    inputs: never[];
  };
  meta: unknown;
  (options: object): Promise<Output>;
};

interface Table {
  task: string;
  row: unknown;
  prediction: unknown;
  explained: unknown;
}

/** The procedures of one contract. */
type Procedures<T extends Table> = {
  predict: Mutation<ModelChoice & { features: T["row"] }, T["prediction"] & ServedBy>;
  predictBatch: Mutation<
    Batch<T["row"]>,
    { predictions: T["prediction"][]; count: number } & ServedBy
  >;
  predictStream: Mutation<Batch<T["row"]>, AsyncIterable<Chunk<T["prediction"]>>>;
  explain: Mutation<
    ModelChoice & { features: T["row"] },
    T["explained"] & { method: "exact" | "tree" | "linear" | "sampled" } & ServedBy
  >;
  jobs: { create: Mutation<JobFile, JobCreated> };
} & (T["task"] extends "embedding" ? { search: Mutation<Search, Found> } : unknown);
`;

/**
 * A declaration file that exports `MountedRouter`, the type of the procedures of these contracts, for
 * `createClient<AppRouter & MountedRouter>()`, and `MountedContracts`, the types of their rows and predictions.
 */
export function mountedRouter(contracts: readonly Contract[]): string {
  const tables = contracts.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(contractTypes);
  return `// Written by Sepal's command types; a contract that changes is written again.

/** Rows and predictions of each contract that the server mounts. */
export interface MountedContracts {
${tables.join("\n")}
}

${PROCEDURES}
/** The procedures of the mounted contracts: \`createClient<AppRouter & MountedRouter>()\`. */
export interface MountedRouter {
  _def: { record: { [Name in keyof MountedContracts]: Procedures<MountedContracts[Name]> } };
}
`;
}
