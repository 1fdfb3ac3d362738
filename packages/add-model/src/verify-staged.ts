import { readModelFolder } from "@sepal/model/repository/model-files";
import { proveVersion } from "@sepal/model/repository/load-version";
import type { Contract } from "@sepal/schema/define-contract";
import { Refusal } from "./refusal.ts";

/** Loads a staged model as the server will; rejects one that the server would reject, with its reason. */
export async function verifyStaged(
  repository: string,
  name: string,
  contract: Contract,
): Promise<void> {
  try {
    await proveVersion(await readModelFolder(repository, name), "1", contract);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`the server would not load the model: ${reason}`, { cause: error });
  }
}
