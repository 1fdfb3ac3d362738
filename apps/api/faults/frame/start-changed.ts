import { startApi, type ApiProcess } from "../../test/support/api-process.ts";

/** One place in Sepal's source, and what a twin has there instead. */
export interface SourceChange {
  /** End of the file's path, such as `schema/src/prediction-reader.ts`. */
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

interface ChangedOptions {
  /** What a twin lacks; a text that is not in its file any more keeps the twin from starting. */
  readonly changes?: readonly SourceChange[];
  /** Modules of `causes/` that are loaded first and let the check bring the fault about. */
  readonly causes?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly ready?: boolean;
  /** How many files the process may have open. */
  readonly openFiles?: number;
}

/** Starts the API with its source changed in memory, in every process and thread. */
export function startChanged({
  changes = [],
  causes = [],
  variables = {},
  ...options
}: ChangedOptions): Promise<ApiProcess> {
  const modules = ["./change-source.ts", ...causes.map((name) => `../causes/${name}`)];
  const imports = modules.map((path) => `--import ${new URL(path, import.meta.url).href}`);
  const own = { NODE_OPTIONS: imports.join(" "), SOURCE_CHANGES: JSON.stringify(changes) };
  return startApi({ ...options, variables: { ...variables, ...own } });
}
