import { loadVersion } from "@sepal/model/load-version";
import { readModelFolder, readVersionFiles } from "@sepal/model/model-files";
import type { Contract } from "@sepal/schema/define-contract";
import { Refusal } from "./refusal.ts";

const SILENT = { modelLoaded() {}, executed() {}, queued() {}, rejected() {} };

/** Loads a staged model as the server will; refuses one that the server would refuse, with its reason. */
export async function verifyStaged(
  repository: string,
  name: string,
  contract: Contract,
): Promise<void> {
  try {
    const files = await readVersionFiles(await readModelFolder(repository, name), "1");
    const served = await loadVersion(files, {
      contracts: { [contract.name]: contract },
      limits: { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 4096 },
      observer: SILENT,
      lane: "batch",
    });
    await served.retire();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`the server would not load the model: ${reason}`, { cause: error });
  }
}
