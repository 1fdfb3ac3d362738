import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { FileFormat } from "@sepal/model/scoring/file-format";
import { maxColumns } from "./settings.ts";

const REPOSITORY = fileURLToPath(new URL("../../../models", import.meta.url));

/** What the command was told. */
export interface ScoreOptions {
  /** Path, or `-` for standard input. */
  readonly input: string;
  /** Path, or `-` for standard output. */
  readonly output: string;
  readonly format: FileFormat;
  /** Path of the model repository. */
  readonly models: string;
  readonly model: string;
  /** The model's default version when absent. */
  readonly version: string | undefined;
  /** Write nothing unless every row is good. */
  readonly strict: boolean;
  /** Most columns of the file. */
  readonly maxColumns: number;
}

/** A command that cannot be run as it was typed. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const HELP = `pnpm score in.csv out.csv [options]

Scores a file without a server. CSV has a header that names the features; JSON
lines (.ndjson, .jsonl) are objects with "features". The result has the columns of
the input and behind them class, label, confidence, proba_<label>… and error.
- stands for standard input or standard output.

  --model NAME       iris-forest by default
  --version VERSION  the model's default version by default
  --models FOLDER    the model repository; that of Sepal by default
  --format FORMAT    csv or ndjson; by the input's name by default
  --strict           write nothing unless every row is good

A file may have 2,000 columns, or as many as the variable MAX_COLUMNS says.
Exit code 0: written. 1: failed. 2: a bad row, with --strict.
`;

const OPTIONS = {
  model: { type: "string", default: "iris-forest" },
  version: { type: "string" },
  models: { type: "string", default: REPOSITORY },
  format: { type: "string" },
  strict: { type: "boolean", default: false },
  help: { type: "boolean", default: false, short: "h" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function formatOf(given: string | undefined, input: string): FileFormat {
  if (given === "csv" || given === "ndjson") return given;
  if (given !== undefined) throw new UsageError(`--format is csv or ndjson, not "${given}"`);
  return /\.(?:ndjson|jsonl)$/i.test(input) ? "ndjson" : "csv";
}

/** Reads the words of the command; paths are relative to `folder`. Absent when help is asked for. */
export function readOptions(args: readonly string[], folder: string): ScoreOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [input, output] = positionals;
  if (input === undefined || output === undefined || positionals.length !== 2) {
    throw new UsageError("two files are needed: what to score, and where to write it");
  }
  const path = (name: string) => (name === "-" ? name : resolve(folder, name));
  return {
    input: path(input),
    output: path(output),
    format: formatOf(values.format, input),
    models: resolve(folder, values.models),
    model: values.model,
    version: values.version,
    strict: values.strict,
    maxColumns: maxColumns(),
  };
}
