// Written by Sepal's command types; a contract that changes is written again.

/** Rows and predictions of each contract that the server mounts. */
export interface MountedContracts {
  "titanic": {
    row: readonly [number, "female" | "male", number | null, boolean, number, "C" | "Q" | "S" | null] | { "cabin_class": number; "sex": "female" | "male"; "age"?: number | null | undefined; "alone": boolean; "fare": number; "port"?: "C" | "Q" | "S" | null | undefined };
    prediction: { class: number; label: "0" | "1"; proba: number[]; confidence: number };
    task: "classification";
    explained: { proba: number[]; base: number[]; contributions: { "cabin_class": number[]; "sex": number[]; "age": number[]; "alone": number[]; "fare": number[]; "port": number[] } };
  };
}

interface ModelChoice {
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

/** The procedures of the mounted contracts: `createClient<AppRouter & MountedRouter>()`. */
export interface MountedRouter {
  _def: { record: { [Name in keyof MountedContracts]: Procedures<MountedContracts[Name]> } };
}
