import { stat } from "node:fs/promises";
import { scanContracts, tryContract } from "@sepal/model/repository/contract-files";
import { contractOfFile } from "@sepal/schema/contract-schema";
import { contracts as compiled } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";

/** Longest wait for a server, in milliseconds. */
const TIMEOUT_MS = 30_000;

async function fromServer(url: string, apiKey: string | undefined): Promise<Contract[]> {
  const address = `${url.replace(/\/+$/, "")}/contracts`;
  const response = await fetch(address, {
    headers: apiKey === undefined ? {} : { "x-api-key": apiKey },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${address}: ${response.status} ${text.slice(0, 200)}`);
  const { contracts }: { contracts?: unknown } = Object(JSON.parse(text));
  if (!Array.isArray(contracts)) throw new Error(`${address}: the response lists no contracts`);
  return contracts.map((each) => contractOfFile(each));
}

async function fromFolder(repository: string): Promise<Contract[]> {
  const folder = await stat(repository).catch(() => undefined);
  if (folder?.isDirectory() !== true) {
    throw new Error(
      `${repository} is neither an address such as http://localhost:8000 nor a folder`,
    );
  }
  const files = await scanContracts(repository);
  const outcomes = await Promise.all(files.map(tryContract));
  return outcomes.map((outcome, index) => {
    if ("contract" in outcome) return outcome.contract;
    throw new Error(`${files[index]?.path}: ${outcome.reason}`);
  });
}

/**
 * The contracts that a server or a model repository mounts: those that `AppRouter` does not have.
 *
 * Fails with the reason where one cannot be read; those of a server are checked as files are.
 */
export async function readContracts(from: string, apiKey: string | undefined): Promise<Contract[]> {
  const all = /^https?:\/\//i.test(from) ? fromServer(from, apiKey) : fromFolder(from);
  return (await all).filter(({ name }) => !Object.hasOwn(compiled, name));
}
