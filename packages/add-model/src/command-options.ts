import { parseArgs } from "node:util";
import type { NumberDomain } from "@sepal/schema/define-contract";
import { Refusal } from "./refusal.ts";

/** What the command was asked for. */
export interface CommandOptions {
  /** Path of the ONNX file. */
  readonly model: string;
  /** Path of the CSV file. */
  readonly data: string;
  readonly name: string | undefined;
  readonly contractName: string | undefined;
  readonly labelColumn: string | undefined;
  readonly drop: readonly string[];
  readonly classes: readonly string[] | undefined;
  readonly domain: NumberDomain | undefined;
  readonly title: string | undefined;
  /** Longest time for checking the model, in seconds; large files have more. */
  readonly timeoutS: number;
  readonly force: boolean;
}

/** What `--help` says. */
export const HELP = `pnpm models:add path/to/model.onnx --data train.csv [options]

Adds a classifier to the model repository: checks the ONNX file and its answers on the data, then
writes models/<name>, models/datasets/<name>.csv and, where no compiled contract has the same features
and classes, packages/schema/src/contracts/<contract>.ts with its line in contracts/index.ts.
Everything is written or nothing. A running server knows a new contract after its next start.

The model: one input FLOAT or DOUBLE [n, features], columns in the order of the CSV file; an output of
probabilities [n, classes]. Names do not matter; they are changed in the copy. A ZipMap is cut off.
The data: CSV with a header; a feature is a finite number in every row.

  --data FILE             table with a header: the features in the model's order, and the class
  --name NAME             name of the model; by default that of the ONNX file
  --contract-name NAME    name of the contract, snake_case; by default that of the CSV file
  --label-column HEADING  column with the classes; by default class, label, target, species, y, …, else the last
  --drop HEADING          a column that is no feature; may be given several times
  --classes A,B,C         names of the classes in the model's order, where the model does not tell them
  --domain RULE           positive, nonnegative or finite (default): which numbers a feature takes
  --title TEXT            title of a new contract, for people
  --timeout SECONDS       longest time for checking the model; by default 30, and more for large files
  --force                 replace a model, data set or contract of the same name
  --help                  this text
`;

const DEFAULT_TIMEOUT_S = 30;

const MAX_TIMEOUT_S = 86_400;

const DOMAINS = ["positive", "nonnegative", "finite"] as const;

/** Reads the arguments; `undefined` when help was asked for, a refusal when they make no sense. */
export function readOptions(args: readonly string[]): CommandOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [model, ...others] = positionals;
  if (model === undefined || others.length > 0 || values.data === undefined) {
    throw new Refusal(
      "usage: pnpm models:add path/to/model.onnx --data train.csv [options]; see --help",
    );
  }
  const domain = DOMAINS.find((each) => each === values.domain);
  if (values.domain !== undefined && domain === undefined) {
    throw new Refusal(`--domain is one of ${DOMAINS.join(", ")}, not "${values.domain}"`);
  }
  const classes = values.classes?.split(",").map((label) => label.trim());
  if (classes !== undefined && (classes.includes("") || new Set(classes).size < classes.length)) {
    throw new Refusal("--classes takes different names with commas between them");
  }
  const timeoutS = Number(values.timeout ?? DEFAULT_TIMEOUT_S);
  if (!(timeoutS >= 1 && timeoutS <= MAX_TIMEOUT_S)) {
    throw new Refusal(
      `--timeout is a number of seconds from 1 to ${MAX_TIMEOUT_S}, not "${values.timeout}"`,
    );
  }
  const { data, name, title, drop = [], force = false } = values;
  const naming = { name, title, contractName: values["contract-name"] };
  return {
    model,
    data,
    ...naming,
    labelColumn: values["label-column"],
    drop,
    classes,
    domain,
    timeoutS,
    force,
  };
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: text,
        name: text,
        "contract-name": text,
        "label-column": text,
        drop: { type: "string", multiple: true },
        classes: text,
        domain: text,
        title: text,
        timeout: text,
        force: flag,
        help: flag,
      },
    });
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
