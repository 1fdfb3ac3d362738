import type { Candidate, Verdict } from "@sepal/model/repository/admission";
import type { Registry } from "prom-client";
import type { QuotaGrant, QuotaRequest } from "../rate-limit/quota-policy.ts";
import type { RepositoryToPrimary, RepositoryToWorker } from "./repository-messages.ts";

/** All metrics of one process, in prom-client's JSON form. */
export type Snapshot = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** From the primary to a worker. */
export type ToWorker =
  | RepositoryToWorker
  | { readonly type: "quota"; readonly id: number; readonly grant: QuotaGrant }
  | { readonly type: "verdict"; readonly id: number; readonly verdict: Verdict }
  /** End as soon as nobody is served any more: another process has taken over. */
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
  | RepositoryToPrimary
  | { readonly type: "loaded" }
  | { readonly type: "turn-please" }
  | { readonly type: "quota-please"; readonly id: number; readonly request: QuotaRequest }
  | { readonly type: "probe-please"; readonly id: number; readonly candidate: Candidate }
  | { readonly type: "snapshot"; readonly id: number | undefined; readonly snapshot: Snapshot }
  | { readonly type: "metrics-please"; readonly id: number };
