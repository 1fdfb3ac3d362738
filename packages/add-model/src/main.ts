import { fileURLToPath } from "node:url";
import {
  InvalidArgumentError,
  newCommand,
  oneOf,
  runCommand,
  type Command,
} from "@sepal/command-line";
import type { NumberDomain } from "@sepal/schema/define-contract";
import { CHARSET_NAMES, charsetNamed, type Charset } from "@sepal/schema/predict-file";
import type { AddModelOptions } from "./check-model.ts";
import { printable } from "./printable.ts";
import { Refusal } from "./refusal.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const MAX_TIMEOUT_S = 86_400;

function readClasses(text: string): string[] {
  const classes = text.split(",").map((label) => label.trim());
  if (!classes.includes("") && new Set(classes).size === classes.length) return classes;
  throw new InvalidArgumentError("Give different names with commas between them");
}

function readTimeout(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= MAX_TIMEOUT_S) return seconds;
  throw new InvalidArgumentError(`Give a number of seconds from 1 to ${MAX_TIMEOUT_S}`);
}

interface Given {
  readonly data: string;
  readonly name?: string;
  readonly contractName?: string;
  readonly labelColumn?: string;
  readonly drop?: readonly string[];
  readonly classes?: readonly string[];
  readonly domain?: NumberDomain;
  readonly title?: string;
  readonly charset: Charset;
  readonly timeout: number;
  readonly force?: true;
}

function optionsOf(model: string, given: Given): AddModelOptions {
  const { name, contractName, labelColumn, classes, domain, title } = given;
  const optional = { name, contractName, labelColumn, classes, domain, title };
  const { data, drop = [], charset, timeout, force = false } = given;
  return { model, data, ...optional, drop, charset, timeoutS: timeout, force };
}

/** The command `models:add`. */
export function addModelCommand(): Command {
  const command = newCommand(
    "models:add",
    `Adds a classifier to the model repository: checks the ONNX file and its predictions on the data, then writes models/<name>, models/datasets/<name>.csv and, where no compiled contract has the same features and classes, packages/schema/src/contracts/<contract>.ts with its line in contracts/index.ts. Everything is written or nothing. A running server knows a new contract after its next start.`,
    1,
  );
  return command
    .usage("path/to/model.onnx --data train.csv [options]")
    .configureOutput({
      writeErr: (text) => process.stderr.write(printable(`${text}Nothing was written.\n`)),
    })
    .argument(
      "<model>",
      "ONNX file: one input FLOAT or DOUBLE [n, features], columns in the order of the CSV file; an output of probabilities [n, classes]. Names do not matter; they are changed in the copy. A ZipMap is cut off.",
    )
    .requiredOption(
      "--data <file>",
      "table with a header: the features in the model's order, each a finite number in every row, and the class",
    )
    .option("--name <name>", "name of the model (default: that of the ONNX file)")
    .option(
      "--contract-name <name>",
      "name of the contract, snake_case (default: that of the CSV file)",
    )
    .option(
      "--label-column <heading>",
      "column with the classes (default: class, label, target, species, y, …, else the last)",
    )
    .option(
      "--drop <heading>",
      "a column that is no feature; may be given several times",
      (heading, others: readonly string[] | undefined) => [...(others ?? []), heading],
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
    .option("--force", "replace a model, data set or contract of the same name")
    .action(async (model: string, given: Given) => {
      const { addModel } = await import("./add-model.ts"); // it loads ONNX Runtime
      try {
        process.stdout.write(printable(await addModel(optionsOf(model, given), ROOT)));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        command.error(error.message);
      }
    });
}

if (import.meta.main) await runCommand(addModelCommand());
