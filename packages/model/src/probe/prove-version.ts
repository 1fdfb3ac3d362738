import type { Contract } from "@sepal/schema/define-contract";
import { loadVersion } from "../repository/load-version.ts";
import { readVersionFiles, type ModelFolder } from "../repository/model-files.ts";

const SILENT = { modelLoaded() {}, executed() {}, queued() {}, rejected() {} };

/** Loads a version as a server does and frees it again; gives the digest of its manifest, or throws the reason it may not serve. */
export async function proveVersion(
  folder: ModelFolder,
  version: string,
  contract: Contract,
): Promise<string> {
  const files = await readVersionFiles(folder, version);
  const served = await loadVersion(files, {
    contracts: { [contract.name]: contract },
    limits: { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 4096 },
    observer: SILENT,
    lane: "batch",
  });
  await served.retire();
  return files.digest;
}
