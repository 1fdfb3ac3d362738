import type { TRPCClient } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";
import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
import type { TimingContext } from "./timing-link.ts";

/** One row's answer: the class, its label, every class's probability and the largest of them. */
export interface Prediction {
  readonly class: number;
  readonly label: string;
  readonly proba: readonly number[];
  readonly confidence: number;
}

/** One prediction's answer with the model that gave it. */
export interface PredictResult extends Prediction {
  readonly model_used: string;
  readonly model_version: string;
  readonly processing_time_ms: number;
}

/** Shapley values of one answer: for every class, `base` and the contributions sum to `proba`. */
export interface Explanation {
  readonly proba: readonly number[];
  readonly base: readonly number[];
  /** By feature name, one number a class. */
  readonly contributions: Readonly<Record<string, readonly number[]>>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly context?: TimingContext;
}

interface Mutation<I, O> {
  mutate(input: I, options?: CallOptions): Promise<O>;
}

/** The procedures of a contract that is chosen at run time. */
interface ContractClient {
  /** `features` must be as many as the contract has. */
  readonly predict: Mutation<ModelChoice & { features: readonly number[] }, PredictResult>;
  /** See `predict`. */
  readonly explain: Mutation<ModelChoice & { features: readonly number[] }, Explanation>;
  /** Every row must be as long as the contract has features. */
  readonly predictBatch: Mutation<
    ModelChoice & { rows: readonly (readonly number[])[] },
    { predictions: Prediction[] }
  >;
}

const byName: Readonly<Record<string, Contract>> = contracts;

/** A contract that this playground was built with; `undefined` for any other. */
export function findContract(name: string): Contract | undefined {
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}

/** The typed client's procedures of one contract, with lengths left to the contract at run time. */
export function contractClient(client: TRPCClient<AppRouter>, contract: Contract): ContractClient {
  const known: Record<keyof typeof contracts, unknown> = client;
  // Every contract's procedures are this shape with exact lengths and labels, which a name known
  // only at run time cannot say.
  return Reflect.get(known, contract.name) as ContractClient;
}
