import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { defineContract, type Contract, type NumberDomain } from "@sepal/schema/define-contract";
import { readModelFolder } from "@sepal/model/repository/model-files";
import { proveVersion } from "@sepal/model/repository/load-version";
import { askModel } from "./ask-model.ts";
import { checkModel, type AddModelOptions, type CheckedModel } from "./check-model.ts";
import { goldenInputs, thinned, typicalRows } from "./selected-rows.ts";
import {
  contractFile,
  contractSource,
  findContract,
  requireFreeName,
  requireRows,
  withContract,
} from "./files/contract-source.ts";
import { modelFiles, type GoldenGroup } from "./files/model-files.ts";
import { requireFree, writeFiles } from "./files/publish.ts";
import { Refusal } from "./refusal.ts";
import { columnName } from "@sepal/schema/headings";
import { type ColumnStatistics, describeColumn } from "./table/training-table.ts";

/** Loads a staged model as the server will; rejects one that the server would reject, with its reason. */
async function verifyStaged(repository: string, name: string, contract: Contract): Promise<void> {
  try {
    await proveVersion(await readModelFolder(repository, name), "1", contract);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`the server would not load the model: ${reason}`, { cause: error });
  }
}

/** What is added, for the report. */
export interface AddedModel {
  readonly name: string;
  readonly contract: Contract;
  /** Whether the contract is a new file. */
  readonly isNew: boolean;
  readonly checked: CheckedModel;
  /** Rows of the data set that is kept. */
  readonly kept: number;
  /** Paths from the root, and from the staging folder, of all that is written. */
  readonly written: readonly string[];
}

/** Most rows of the data that are kept for pictures and explanations. */
const BACKGROUND_ROWS = 500;

const CONTRACTS = "packages/schema/src/contracts";

function stem(path: string): string {
  return basename(path, extname(path));
}

function modelName(options: AddModelOptions): string {
  const name = options.name ?? columnName(stem(options.model)).name.replaceAll("_", "-");
  if (/^[\w-][\w.-]{0,127}$/.test(name) && !["datasets", "training"].includes(name)) return name;
  throw new Refusal(
    `a model cannot be called "${name}": a name has up to 128 of a-z, A-Z, 0-9, _, - and ., and is not datasets or training; give one with --name`,
  );
}

function newContract(
  checked: CheckedModel,
  columns: readonly ColumnStatistics[],
  options: AddModelOptions,
): Contract {
  const { table, classes, answers } = checked;
  const name = options.contractName ?? columnName(stem(options.data)).name;
  requireFreeName(name, { table, classes: classes.labels }, options.force);
  const [first, second, ...others] = classes.labels;
  const [example, ...examples] = typicalRows(classes.labels, {
    rows: table.rows,
    labels: table.labels,
    answers: answers.classes.map((index) => classes.labels[index]),
    columns,
  });
  if (first === undefined || second === undefined || example === undefined) {
    throw new Refusal(`${options.data}: a classifier needs two classes or more`);
  }
  const title = options.title ?? columnName(name).label;
  const features = table.features.map((feature) => ({
    name: feature.name,
    label: feature.label,
    unit: feature.unit,
  }));
  return defineContract({
    name,
    title,
    description: `Which of ${classes.labels.length} classes a ${title} row belongs to, from ${features.length} features.`,
    task: "classification",
    features,
    classes: [first, second, ...others],
    domain: options.domain ?? "finite",
    examples: [example, ...examples],
  });
}

async function goldenGroups(
  checked: CheckedModel,
  columns: readonly ColumnStatistics[],
  domain: NumberDomain,
  path: string,
) {
  const groups: GoldenGroup[] = [];
  for (const { name, features } of goldenInputs(checked.table.rows, columns, domain)) {
    const answers = await askModel(checked.model, { path, rowsOf: name }, features);
    groups.push({ name, features, ...answers });
  }
  return groups;
}

function datasetText(contract: Contract, { table }: CheckedModel) {
  const rows = thinned(
    table.rows.map((row, index) => [...row, table.labels[index]].join(",")),
    BACKGROUND_ROWS,
  );
  const header = [...contract.features.map(({ name }) => name), "class"].join(",");
  return { text: `${[header, ...rows].join("\n")}\n`, kept: rows.length };
}

interface Places {
  /** Folder of the workspace. */
  readonly root: string;
  /** Folder that everything is written to first. */
  readonly staging: string;
}

/** Checks a model, and writes all that is to be added to the workspace into the staging folder. */
export async function stageModel(
  options: AddModelOptions,
  { root, staging }: Places,
): Promise<AddedModel> {
  const checked = await checkModel(options);
  const { table, classes } = checked;
  const name = modelName(options);
  const columns = table.features.map((_, index) =>
    describeColumn(table.rows.map((row) => row[index] ?? 0)),
  );
  const compiled = findContract({ table, classes: classes.labels }, options.contractName);
  const contract = compiled ?? newContract(checked, columns, options);
  requireRows(contract, table, options.data);
  const dataset = datasetText(contract, checked);
  const original = createHash("sha256").update(checked.original).digest("hex");
  const files = modelFiles({
    name,
    contract,
    family: checked.family,
    description: `Added from ${basename(options.model)}, ${checked.family}.`,
    model: checked.model,
    golden: await goldenGroups(checked, columns, contract.domain, options.model),
    columns,
    counts: contract.classes.map((label) => table.labels.filter((each) => each === label).length),
    accuracy: checked.accuracy,
    dataset: dataset.text,
    rows: table.rows.length,
    added: {
      source: basename(options.model),
      source_sha256: original,
      golden: "the model's own answers when it was added: they show a change, not a wrong export",
    },
  });

  const places = [`models/datasets/${name}.csv`, `models/${name}`];
  const index = `${CONTRACTS}/index.ts`;
  const source = `${CONTRACTS}/${contractFile(contract.name)}`;
  if (compiled === undefined) places.push(source);
  if (!options.force) requireFree(root, places);

  await writeFiles(join(staging, "models"), files);
  await verifyStaged(join(staging, "models"), name, contract);
  if (compiled === undefined) {
    const listed = withContract(await readFile(join(root, index), "utf8"), contract.name);
    const texts = new Map([
      [source, contractSource(contract)],
      [index, listed],
    ]);
    await writeFiles(staging, texts);
    places.push(index);
  }
  return {
    name,
    contract,
    isNew: compiled === undefined,
    checked,
    kept: dataset.kept,
    written: places,
  };
}
