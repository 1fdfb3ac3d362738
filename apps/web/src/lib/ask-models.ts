import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
import type { AppRouter } from "@sepal/api/router";
import type { TRPCClient } from "@trpc/client";
import { contractClient, type PredictResult } from "./contract-client.ts";
import { toFailure, type Failure } from "@sepal/client/failure";
import type { CallTiming, TimingContext } from "./timing-link.ts";

/** A model that answers: its name and, where one is chosen, its version. */
export interface Target extends ModelChoice {
  readonly model_name: string;
}

/** What one model said of one row. */
export type Answer =
  | { readonly ok: true; readonly result: PredictResult; readonly timing: CallTiming | null }
  | { readonly ok: false; readonly failure: Failure };

/** The answers of every asked model, in their order, and the row they are about. */
export interface Answers {
  readonly features: readonly number[];
  readonly answers: readonly Answer[];
}

const PATIENCE_MS = 10_000;

/** Asks models about one row; a failure is an answer, so this never rejects. */
export async function askModels(
  client: TRPCClient<AppRouter>,
  contract: Contract,
  { features, targets }: { features: readonly number[]; targets: readonly Target[] },
  signal?: AbortSignal,
): Promise<Answers> {
  const { predict } = contractClient(client, contract);
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const ask = async (target: Target): Promise<Answer> => {
    const context: TimingContext = {};
    try {
      const result = await predict.mutate(
        { features, ...target },
        { context, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) },
      );
      return { ok: true, result, timing: context.timing ?? null };
    } catch (error) {
      return { ok: false, failure: toFailure(error) };
    }
  };
  return { features, answers: await Promise.all(targets.map(ask)) };
}
