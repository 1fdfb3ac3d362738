import type { AppRouter } from "@sepal/api/router";
import type { Contract } from "@sepal/schema/define-contract";
import { createTRPCClient, httpLink } from "@trpc/client";
import { contractClient } from "../contract-client.ts";
import type { Prediction } from "../prediction.ts";
import type { RunTarget } from "./protocol.ts";

/** Without an answer for this long, a chunk is sent again. */
const TIMEOUT_MS = 30_000;

/** Makes the call that predicts rows of a contract; `headers` carry the key of the page. */
export function createPredictRows(contract: Contract, headers: () => Record<string, string>) {
  // The page's own client keeps the key in the page's memory, which a worker does not share.
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: "/trpc", headers })] });
  const { predictBatch } = contractClient(client, contract);
  return async (
    rows: readonly (readonly number[])[],
    { model, version }: RunTarget,
    signal: AbortSignal,
  ): Promise<readonly Prediction[]> => {
    const { predictions } = await predictBatch.mutate(
      { rows, model_name: model, model_version: version },
      { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) },
    );
    if (predictions.length !== rows.length) throw new Error("the answer has another length");
    return predictions;
  };
}
