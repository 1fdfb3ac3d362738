import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";
import type { Contract } from "@sepal/schema/define-contract";
import type { SearchRequest, SearchResponse } from "@sepal/schema/search";
import type { ExplainResponse } from "@sepal/schema/explain";
import type { ModelChoice, PredictionOf, PredictResponse } from "@sepal/schema/predict";
import type { Row, RowBody } from "./row.ts";
import type { TimingContext } from "./timing-link.ts";

/** What is predicted for one row: a class, with probabilities where the contract has any, or a number a target. */
export type Prediction = PredictionOf<Contract>;

/** A prediction of a class. */
export type ClassPrediction = Extract<Prediction, { class: number }>;

/** The response to one prediction, with the model that made it. */
export type PredictResult = PredictResponse<Contract>;

/** Shapley values of one prediction: for every class or target, `base` and the contributions sum to it. */
export type Explanation = ExplainResponse<Contract>;

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly context?: TimingContext;
}

interface Mutation<I, O> {
  mutate(input: I, options?: CallOptions): Promise<O>;
}

/** The procedures of a contract that is chosen at run time. */
interface ContractClient {
  /** `features` must be a row of the contract. */
  readonly predict: Mutation<ModelChoice & { features: RowBody }, PredictResult>;
  /** Of an embedding alone. */
  readonly search?: Mutation<ModelChoice & SearchRequest, SearchResponse>;
  /** See `predict`. */
  readonly explain: Mutation<ModelChoice & { features: RowBody }, Explanation>;
  /** Lists in the contract's order, which are the shorter form of a row. */
  readonly predictBatch: Mutation<
    ModelChoice & { rows: readonly Row[] },
    { predictions: Prediction[] }
  >;
}

/** The typed client's procedures of one contract, with values left to the contract at run time. */
export function contractClient(client: TRPCClient<AppRouter>, contract: Contract): ContractClient {
  // Every contract's procedures are this shape with exact rows and labels, which a name known only
  // at run time cannot say.
  return Reflect.get(client, contract.name) as ContractClient;
}
