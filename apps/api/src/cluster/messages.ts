import type { Candidate, Verdict } from "@sepal/model/repository/admission";
import type { Registry } from "prom-client";
import type { QuotaGrant, QuotaRequest } from "../rate-limit/quota.ts";
import type { packFailure } from "@sepal/model/workers/worker-pool";

/** All metrics of one process, in prom-client's JSON form. */
export type Snapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** What is to be done with a model. */
export interface RepositoryOrder {
  readonly action: "load" | "unload";
  readonly model: string;
  /** Of the model's folder, from the process that unloaded it first. */
  readonly stamp?: string;
}

/** How it went. */
export interface RepositoryOutcome {
  readonly stamp?: string | undefined;
  readonly failure?: ReturnType<typeof packFailure> | undefined;
}

/** From the primary to a worker. */
export type ToWorker =
  | { readonly type: "repository-order"; readonly id: number; readonly order: RepositoryOrder }
  /** How all processes carried out an order of this worker. */
  | {
      readonly type: "repository-result";
      readonly id: number;
      readonly outcome: RepositoryOutcome;
    }
  | { readonly type: "quota"; readonly id: number; readonly grant: QuotaGrant }
  | { readonly type: "verdict"; readonly id: number; readonly verdict: Verdict }
  /** End as soon as no connection is served any more: another process has taken over. */
  | { readonly type: "retire" }
  /** Listen: the process that was there first has its models. */
  | { readonly type: "turn" }
  | { readonly type: "snapshot-please"; readonly id: number }
  | {
      readonly type: "metrics";
      readonly id: number;
      /** `null` where the sum failed. */
      readonly text: string | null;
    };

/** From a worker to the primary. */
export type ToPrimary =
  /** What a worker was asked over HTTP. */
  | { readonly type: "repository-please"; readonly id: number; readonly order: RepositoryOrder }
  /** How a worker carried out an order. */
  | { readonly type: "repository-done"; readonly id: number; readonly outcome: RepositoryOutcome }
  | { readonly type: "loaded" }
  | { readonly type: "turn-please" }
  | { readonly type: "quota-please"; readonly id: number; readonly request: QuotaRequest }
  | { readonly type: "probe-please"; readonly id: number; readonly candidate: Candidate }
  | { readonly type: "snapshot"; readonly id: number | undefined; readonly snapshot: Snapshot }
  | { readonly type: "metrics-please"; readonly id: number };
