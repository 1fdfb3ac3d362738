import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { contractOfFile } from "@sepal/schema/contract-schema";
import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { failureReason, mayPass } from "./failure-reason.ts";
import { fileStamp, parseJson, readRegularFile } from "./model-files.ts";

/** The folder of mounted contracts in a model repository. */
const FOLDER = "contracts";

/** Most bytes of a contract's file. */
const MAX_BYTES = 2 ** 20;

/** Most contracts of a repository. */
export const MAX_CONTRACTS = 200;

/** A contract's file as a look at the disk finds it. */
export interface ContractFile {
  readonly name: string;
  readonly path: string;
  /** Another text whenever the file has changed. */
  readonly stamp: string;
}

/** Every `contracts/<name>.json` of a repository; files of other names are none. */
export async function scanContracts(repository: string): Promise<ContractFile[]> {
  const folder = join(repository, FOLDER);
  const entries = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  const names = entries.filter((name) => name.endsWith(".json") && !name.startsWith("."));
  return Promise.all(
    names.toSorted().map(async (file) => {
      const path = join(folder, file);
      return { name: file.slice(0, -".json".length), path, stamp: await fileStamp(path) };
    }),
  );
}

function contractPath(repository: string, name: string): string {
  return join(repository, FOLDER, `${name}.json`);
}

/** A text that is another one when the file of a contract has changed; of a compiled one there is none. */
export function contractStamp(repository: string, name: string): Promise<string> {
  return fileStamp(contractPath(repository, name));
}

/** The contract of a name, compiled in or mounted in a repository; throws with the reason where there is none. */
export async function readContractOf(repository: string, name: string): Promise<Contract> {
  const known: Readonly<Record<string, Contract>> = contracts;
  const compiled = Object.hasOwn(known, name) ? known[name] : undefined;
  if (compiled !== undefined) return compiled;
  if (!/^\w+$/.test(name)) throw new Error(`there is no contract ${JSON.stringify(name)}`);
  try {
    return await readContract(contractPath(repository, name), name);
  } catch (cause) {
    throw new Error(`contract ${name}: ${failureReason(cause)}`, { cause });
  }
}

/** Reads a contract's file; throws with the reason where it is none. */
async function readContract(path: string, name: string): Promise<Contract> {
  const bytes = await readRegularFile(path, MAX_BYTES);
  const contract = contractOfFile(parseJson(path, bytes.toString("utf8")));
  if (contract.name !== name) {
    throw new Error(`its name is ${JSON.stringify(contract.name)}; the file is ${name}.json`);
  }
  return contract;
}

/** A contract, or why there is none; `passing` where the same file may be read at another time. */
export type ContractOutcome =
  | { readonly contract: Contract }
  | { readonly reason: string; readonly passing: boolean };

/** Reads a contract's file and never rejects. */
export async function tryContract({ path, name }: ContractFile): Promise<ContractOutcome> {
  try {
    return { contract: await readContract(path, name) };
  } catch (error) {
    return { reason: failureReason(error), passing: mayPass(error) };
  }
}
