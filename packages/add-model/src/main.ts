import { resolve } from "node:path";
import {
  InvalidArgumentError,
  newCommand,
  oneOf,
  runCommand,
  type Command,
} from "@sepal/command-line";
import { CHARSET_NAMES, charsetNamed, type Charset } from "@sepal/schema/predict-file";
import { repositoryFolder } from "@sepal/settings/repository-folder";
import type { AddModelOptions, NumberDomain } from "./check-model.ts";
import type { ColumnCodes } from "./table/training-table.ts";
import { pickleKind } from "./pickle/pickle-file.ts";
import { printable } from "./printable.ts";
import { Refusal } from "./refusal.ts";

const MAX_TIMEOUT_S = 86_400;

function readClasses(text: string): string[] {
  const classes = text.split(",").map((label) => label.trim());
  if (!classes.includes("") && new Set(classes).size === classes.length) return classes;
  throw new InvalidArgumentError("Give different names with commas between them");
}

/** Reads `column=a,b,c`: the values of a column in the order of their codes. */
function readCodes(text: string, others: readonly ColumnCodes[] = []): ColumnCodes[] {
  const [, column = "", values = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (column === "") {
    throw new InvalidArgumentError(
      "Give a column and its values in the order of their codes, as sex=female,male",
    );
  }
  return [...others, { column, values: readClasses(values) }];
}

function several(value: string, others: readonly string[] = []): string[] {
  return [...others, value];
}

function readTimeout(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= MAX_TIMEOUT_S) return seconds;
  throw new InvalidArgumentError(`Give a number of seconds from 1 to ${MAX_TIMEOUT_S}`);
}

interface Given {
  readonly data: string;
  readonly external?: readonly string[];
  readonly expected?: string;
  readonly name?: string;
  readonly contractName?: string;
  readonly target?: readonly string[];
  readonly drop?: readonly string[];
  readonly classes?: readonly string[];
  readonly codes?: readonly ColumnCodes[];
  readonly softmax?: true;
  readonly sigmoid?: true;
  readonly domain?: NumberDomain;
  readonly title?: string;
  readonly typed?: true;
  readonly charset: Charset;
  readonly timeout: number;
  readonly force?: true;
  readonly unpickle?: true;
  readonly python?: string;
}

function optionsOf(model: string, given: Given): AddModelOptions {
  const { expected, name, contractName, classes, domain, title } = given;
  const optional = { expected, name, contractName, classes, domain, title };
  const { external = [], target = [], drop = [], codes = [] } = given;
  const lists = { external, target, drop, codes };
  const { data, softmax, sigmoid, charset, timeout, typed = false, force = false } = given;
  const ending = softmax ? "softmax" : sigmoid ? "sigmoid" : undefined;
  const flags = { isTyped: typed, force };
  const converted = undefined;
  return {
    model,
    converted,
    data,
    ...optional,
    ...lists,
    ...flags,
    ending,
    charset,
    timeoutS: timeout,
  };
}

/** Adds an ONNX file, or what Python pickled; returns the report. */
async function add(options: AddModelOptions, { unpickle, python }: Given): Promise<string> {
  const { addModel } = await import("./add-model.ts"); // it loads ONNX Runtime
  const repository = resolve(repositoryFolder());
  const kind = await pickleKind(options.model);
  if (kind === undefined) return addModel(options, repository);
  const { addPickled } = await import("./pickle/pickled-model.ts");
  return addPickled(options, { kind, unpickle: unpickle === true, python }, (converted) =>
    addModel({ ...options, converted }, repository),
  );
}

/** The command `models:add`. */
export function addModelCommand(): Command {
  const command = newCommand(
    "models:add",
    `Adds a model to the repository, MODELS_DIR or models: checks the ONNX file and its predictions on the data, then writes <name>, datasets/<name>.csv and, where no contract has the same features and outcomes, contracts/<contract>.json. Everything is written or nothing. A running server takes both up.`,
    1,
  );
  return command
    .usage("path/to/model.onnx --data train.csv [options]")
    .configureOutput({
      writeErr: (text) => process.stderr.write(printable(`${text}Nothing was written.\n`)),
    })
    .argument(
      "<model>",
      "ONNX file of a classifier or a regression, as the tool exports it: one input of all features, in the order of the CSV file, or an input a column, by name. The copy is rewritten to take one tensor; a ZipMap is cut off. Or what Python dumped of scikit-learn, XGBoost, LightGBM or CatBoost: .pkl, .joblib or .skops, see --unpickle.",
    )
    .requiredOption("--data <file>", "table with a header: the features, and what is predicted")
    .option("--name <name>", "name of the model (default: that of the ONNX file)")
    .option(
      "--contract-name <name>",
      "name of the contract, snake_case (default: that of the CSV file)",
    )
    .option(
      "--target <heading>",
      "column that is predicted; several times for several values a row (default: the column that holds the model's classes, or class, label, target, species, y, …, else the last)",
      several,
    )
    .option(
      "--expected <file>",
      "table with the predictions of the library that trained the model, a row for each of the data; the model has to agree",
    )
    .option("--drop <heading>", "a column that is no feature; may be given several times", several)
    .option(
      "--codes <column=a,b,c>",
      "values of a column in the order of the codes that the model takes for them (default: sorted); may be given several times",
      readCodes,
    )
    .addOption(
      command
        .createOption("--softmax", "the model gives a score a class: put a Softmax at its end")
        .conflicts("sigmoid"),
    )
    .option(
      "--sigmoid",
      "the model gives one score, or probability, of the second of two classes: make both probabilities of it",
    )
    .option(
      "--external <file>",
      "file in which the model keeps data outside itself, to be folded in; may be given several times",
      several,
    )
    .option(
      "--classes <a,b,c>",
      "names of the classes in the model's order, where the model does not have them",
      readClasses,
    )
    .addOption(
      command
        .createOption("--domain <rule>", "which numbers a feature takes (default: finite)")
        .choices(["positive", "nonnegative", "finite"]),
    )
    .option(
      "--charset <name>",
      "how the table is encoded",
      oneOf(CHARSET_NAMES, charsetNamed),
      "utf-8",
    )
    .option("--title <text>", "title of a new contract, for people")
    .option(
      "--timeout <seconds>",
      "longest time for checking the model, more for large files",
      readTimeout,
      30,
    )
    .option(
      "--typed",
      "in a checkout of Sepal: write a new contract as TypeScript too, packages/schema/src/contracts/<contract>.ts with its line in contracts/index.ts",
    )
    .option(
      "--unpickle",
      "open a pickled model, which runs the code in it as you, and convert it with the scikit-learn and skl2onnx of a Python (default: asked on a terminal)",
    )
    .option("--python <program>", "the Python that does it (default: python3 on PATH)")
    .option("--force", "replace a model, data set or contract of the same name")
    .action(async (model: string, given: Given) => {
      try {
        process.stdout.write(printable(await add(optionsOf(model, given), given)));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        command.error(error.message);
      }
    });
}

if (import.meta.main) await runCommand(addModelCommand());
