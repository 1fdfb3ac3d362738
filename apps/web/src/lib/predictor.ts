import type { AppRouter } from "@sepal/api/router";
import { type Failure, toFailure } from "@sepal/client/failure";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
import type { TRPCClient } from "@trpc/client";
import { contractClient, type PredictResult } from "./contract-client.ts";
import { type Row, rowBody } from "./row.ts";
import type { CallTiming, TimingContext } from "./timing-link.ts";

/** A model that predicts: its name and, where one is chosen, its version. */
export interface Target extends ModelChoice {
  readonly model_name: string;
}

/** What one model predicts for one row, or why it does not. */
export type Answer =
  | { readonly ok: true; readonly result: PredictResult; readonly timing: CallTiming | null }
  | { readonly ok: false; readonly failure: Failure };

/** The predictions of several models, in their order, and the row they are about. */
export interface Answers {
  readonly features: Row;
  readonly answers: readonly Answer[];
}

/** A row, and the models to predict it. */
export interface Question {
  readonly contract: Contract;
  readonly features: Row;
  readonly targets: readonly Target[];
}

const PATIENCE_MS = 10_000;

/** One row, of several models, by the server; a failure is returned, so this never rejects. */
export async function predictRow(
  client: TRPCClient<AppRouter>,
  { contract, features, targets }: Question,
  signal?: AbortSignal,
): Promise<Answers> {
  const { predict } = contractClient(client, contract);
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const ask = async (target: Target): Promise<Answer> => {
    const context: TimingContext = {};
    try {
      const result = await predict.mutate(
        { features: rowBody(contract, features), ...target },
        { context, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) },
      );
      return { ok: true, result, timing: context.timing ?? null };
    } catch (error) {
      return { ok: false, failure: toFailure(error) };
    }
  };
  return { features, answers: await Promise.all(targets.map(ask)) };
}
