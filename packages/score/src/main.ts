import { resolve } from "node:path";
import { newCommand, oneOf, runCommand, type Command } from "@sepal/command-line";
import type { FileFormat } from "@sepal/schema/files/file-format";
import { CHARSET_NAMES, charsetNamed, type Charset } from "@sepal/schema/predict-file";
import { ENGINE_CHOICES, type EngineChoice } from "@sepal/model/engine";
import { SepalError } from "@sepal/schema/sepal-error";
import { repositoryFolder } from "@sepal/settings/repository-folder";
import { showProgress } from "./progress.ts";
import type { ScoreOptions } from "./score.ts";
import { maxColumns, TYPED_IN } from "./settings.ts";

/** Exit code of every run that ends before its result is whole, wrong calls included. */
const FAILED = 1;
const BAD_ROW = 2;

function report(text: string): void {
  process.stderr.write(`score: ${text}\n`);
}

/** Scores a file and reports how it went, as JSON where asked for; returns the exit code. */
async function run(read: () => ScoreOptions, json: boolean): Promise<number> {
  const { stderr } = process;
  const bar = stderr.isTTY && !json ? showProgress(stderr) : undefined;
  let strict = false;
  try {
    const options = read();
    ({ strict } = options);
    const { score } = await import("./score.ts"); // it loads ONNX Runtime
    const { rows, badRows, seconds } = await score(options, {
      progress: (progress) => bar?.show(progress),
      started(discard) {
        for (const [signal, code] of [
          ["SIGINT", 130],
          ["SIGTERM", 143],
        ] as const) {
          process.once(signal, () => {
            discard();
            process.exit(code);
          });
        }
      },
    });
    bar?.done();
    const count = (value: number) => value.toLocaleString("en-US");
    if (json) stderr.write(`${JSON.stringify({ rows, bad_rows: badRows, seconds })}\n`);
    else report(`${count(rows)} rows in ${seconds.toFixed(1)} s, ${count(badRows)} of them bad`);
    return 0;
  } catch (error) {
    bar?.done();
    report(error instanceof Error ? error.message : String(error));
    const isBadRow = error instanceof SepalError && /^row \d/.test(error.message);
    return strict && isBadRow ? BAD_ROW : FAILED;
  }
}

interface Given {
  readonly model?: string;
  readonly version?: string;
  readonly models?: string;
  readonly format?: FileFormat;
  readonly charset: Charset;
  readonly engine: EngineChoice;
  readonly spreadsheet?: true;
  readonly strict?: true;
  readonly json?: true;
}

/** The command `score`; paths are relative to the folder it was typed in. */
export function scoreCommand(): Command {
  const command = newCommand(
    "score",
    `Scores a file without a server. CSV has a header that names the features; JSON lines (.ndjson, .jsonl) are objects with "features", or with a key for each feature. Either may be gzip. The result is the file, byte for byte, with class, label, confidence, proba_<label>… and error behind each row.`,
    FAILED,
  );
  const path = (name: string) => (name === "-" ? name : resolve(TYPED_IN, name));
  return command
    .argument("<input>", "the file, or - for standard input")
    .argument("<output>", "where the result is written, or - for standard output")
    .option(
      "--model <name>",
      "name of the model (default: iris-forest where there is one, else the first by name)",
    )
    .option("--version <version>", "version (default: the model's default version)")
    .option("--models <folder>", "the model repository (default: MODELS_DIR, or models)")
    .addOption(
      command
        .createOption("--format <format>", "format (default: by the input's name)")
        .choices(["csv", "ndjson"]),
    )
    .option(
      "--charset <name>",
      "how the file and its result are encoded",
      oneOf(CHARSET_NAMES, charsetNamed),
      "utf-8",
    )
    .addOption(
      command
        .createOption("--engine <name>", "what computes: as the server's INFERENCE_ENGINE")
        .choices(ENGINE_CHOICES)
        .default("auto"),
    )
    .option("--spreadsheet", "make the cells of a CSV result safe for spreadsheets")
    .option("--strict", "write nothing unless every row is good")
    .option("--json", "report rows, bad rows and seconds as one line of JSON on standard error")
    .addHelpText(
      "after",
      `
A file may have 2,000 columns, or as many as the variable MAX_COLUMNS says.
Exit code 0: written. 1: failed. 2: a bad row, with --strict.`,
    )
    .action(
      async (input: string, output: string, { format: named, models, json, ...given }: Given) => {
        const format = named ?? (/\.(?:ndjson|jsonl)(?:\.gz)?$/i.test(input) ? "ndjson" : "csv");
        if (format === "ndjson" && given.spreadsheet === true) {
          command.error("--spreadsheet applies to CSV files");
        }
        const read = () => ({
          ...given,
          spreadsheet: given.spreadsheet ?? false,
          model: given.model,
          version: given.version,
          strict: given.strict ?? false,
          input: path(input),
          output: path(output),
          format,
          models: models === undefined ? resolve(repositoryFolder()) : resolve(TYPED_IN, models),
          maxColumns: maxColumns(),
        });
        process.exitCode = await run(read, json ?? false);
      },
    );
}

if (import.meta.main) await runCommand(scoreCommand());
