import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileOfContract } from "@sepal/schema/contract-schema";
import type { Contract } from "@sepal/schema/define-contract";
import { columnName } from "@sepal/schema/headings";
import { readModelFolder } from "@sepal/model/repository/model-files";
import { proveVersion } from "@sepal/model/repository/load-version";
import { checkModel, type AddModelOptions, type CheckedModel } from "./check-model.ts";
import { contractFile, contractSource, withContract } from "./files/contract-source.ts";
import { datasetText, modelFiles, type GoldenGroup } from "./files/model-files.ts";
import { requireFree, writeFiles } from "./files/publish.ts";
import {
  findContract,
  knownContracts,
  requireFreeName,
  requireName,
  requireRows,
} from "./known-contracts.ts";
import { newContract } from "./new-contract.ts";
import { Refusal } from "./refusal.ts";
import { openModel, runServed, runTexts, servedAnswers } from "./onnx/run-model.ts";
import { goldenInputs, goldenTexts } from "./selected-rows.ts";
import { textsOf } from "./table/training-table.ts";

/** Loads a staged model as the server will; rejects one that the server would reject, with its reason. */
async function verifyStaged(repository: string, name: string, contract: Contract): Promise<void> {
  try {
    await proveVersion(await readModelFolder(repository, name), "1", contract, "auto");
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
  /** Paths from the repository's parent, and from the staging folder, of all that is written. */
  readonly written: readonly string[];
}

const CONTRACTS = "packages/schema/src/contracts";

function stem(path: string): string {
  return basename(path, extname(path));
}

/** Folders of a model repository that hold no model. */
const OTHER_FOLDERS = ["contracts", "datasets", "training"];

function modelName(options: AddModelOptions): string {
  const name = options.name ?? columnName(stem(options.model)).name.replaceAll("_", "-");
  if (/^[\w-][\w.-]{0,127}$/.test(name) && !OTHER_FOLDERS.includes(name)) return name;
  throw new Refusal(
    `a model cannot be called "${name}": a name has up to 128 of a-z, A-Z, 0-9, _, - and ., and is not ${OTHER_FOLDERS.join(", ")}; give one with --name`,
  );
}

async function goldenGroups(
  { table, model }: CheckedModel,
  contract: Contract,
  path: string,
): Promise<GoldenGroup[]> {
  const groups: GoldenGroup[] = [];
  const served = await openModel(model, path);
  const texts = textsOf(table);
  try {
    for (const group of texts === undefined ? [] : goldenTexts(texts)) {
      const places = group.texts.map((_, place) => [place]);
      const given = servedAnswers(await runTexts(served, group.texts, places));
      const features = group.texts.map((text): [string] => [text]);
      groups.push({ name: group.name, features, ...given });
    }
    if (texts !== undefined) return groups;
    for (const { name, features } of goldenInputs(table.rows, contract.features)) {
      groups.push({ name, features, ...servedAnswers(await runServed(served, features)) });
    }
  } finally {
    await served.release();
  }
  return groups;
}

interface Places {
  /** The model repository. */
  readonly repository: string;
  /** Folder that everything is written to first. */
  readonly staging: string;
}

/** The files of a new contract, by path from the repository's parent. */
async function contractFiles(
  contract: Contract,
  { isTyped }: AddModelOptions,
  repository: string,
): Promise<ReadonlyMap<string, string>> {
  const text = `${JSON.stringify(fileOfContract(contract), null, 2)}\n`;
  const files = new Map([[`${basename(repository)}/contracts/${contract.name}.json`, text]]);
  if (isTyped) {
    const index = `${CONTRACTS}/index.ts`;
    const source = await readFile(join(dirname(repository), index), "utf8").catch(
      (error: Error) => {
        throw new Refusal(
          `--typed writes into a checkout of Sepal, beside its models: ${error.message}; the command types writes declarations anywhere`,
        );
      },
    );
    const listed = withContract(source, contract.name);
    files.set(`${CONTRACTS}/${contractFile(contract.name)}`, contractSource(contract));
    files.set(index, listed);
  }
  return files;
}

/** Checks a model, and writes all that is to be added to the repository into the staging folder. */
export async function stageModel(
  options: AddModelOptions,
  { repository, staging }: Places,
): Promise<AddedModel> {
  const folder = basename(repository);
  const checked = await checkModel(options).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.message, { cause: error, place: "model" });
  });
  const { table } = checked;
  const name = modelName(options);
  const known = await knownContracts(repository);
  const contractName = options.contractName ?? columnName(stem(options.data)).name;
  requireName(contractName);
  const wanted = newContract(checked, {
    name: contractName,
    title: options.title,
    domain: options.domain ?? "finite",
    data: options.data,
  });
  const found = findContract(known, wanted, options.contractName);
  if (found === undefined) requireFreeName(known, wanted, options.force);
  const contract = found ?? wanted;
  requireRows(contract, table, { path: options.data, isNew: found === undefined });
  const original = createHash("sha256").update(checked.original).digest("hex");
  const files = modelFiles({
    name,
    contract,
    description: `Added from ${basename(options.model)}, ${checked.family}.`,
    checked,
    golden: await goldenGroups(checked, contract, options.model),
    added: {
      source: basename(options.model),
      source_sha256: original,
      ...(options.converted !== undefined && { converted_with: options.converted.versions }),
      golden: "the model's own answers when it was added: they show a change, not a wrong export",
    },
  });

  const texts =
    found === undefined
      ? await contractFiles(contract, options, repository)
      : new Map<string, string>();
  // The contract before its model: a server that looks in between finds no model without one.
  const places = [...texts.keys(), `${folder}/datasets/${name}.csv`, `${folder}/${name}`];
  if (!options.force) {
    requireFree(
      dirname(repository),
      places.filter((place) => place !== `${CONTRACTS}/index.ts`),
    );
  }

  await writeFiles(join(staging, folder), files);
  await writeFiles(staging, texts);
  await verifyStaged(join(staging, folder), name, contract);
  return {
    name,
    contract,
    isNew: found === undefined,
    checked,
    kept: datasetText(contract, checked).kept,
    written: places,
  };
}
