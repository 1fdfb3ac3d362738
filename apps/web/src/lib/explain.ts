import type { Contract } from "@sepal/schema/define-contract";
import type { Target } from "./ask-models.ts";
import { contractClient } from "./contract-client.ts";
import { toFailure } from "./failure.ts";
import type { Explanation } from "./prediction.ts";
import { trpc } from "./trpc.ts";

/** Asks what each feature added to a row's answer; rejects with what went wrong in words. */
export async function explain(
  contract: Contract,
  request: Target & { readonly features: readonly number[] },
  signal: AbortSignal,
): Promise<Explanation> {
  try {
    return await contractClient(trpc, contract).explain.mutate(request, { signal });
  } catch (error) {
    throw new Error(toFailure(error).message, { cause: error });
  }
}
